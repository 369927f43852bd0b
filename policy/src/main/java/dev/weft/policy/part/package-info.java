/**
 * A snapshot in pieces, as it travels from config server to agent. A {@link
 * dev.weft.policy.part.Part} is a key and a text whose hash says whether somebody has it already; a
 * {@link dev.weft.policy.part.PartSet} is everything that one agent should have, at the server; a
 * {@link dev.weft.policy.part.HeldParts} is everything that one agent has, and how it becomes a
 * {@link dev.weft.policy.Snapshot} again. {@link dev.weft.policy.part.Bodies} says what stands in a
 * part of which key.
 */
@NullMarked
package dev.weft.policy.part;

import org.jspecify.annotations.NullMarked;
