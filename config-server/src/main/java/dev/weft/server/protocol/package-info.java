/**
 * What travels between agents and server: the requests as records, JSON text, and {@link
 * dev.weft.server.protocol.Refusal}, the one way to say no. docs/protocol.md has it in prose.
 */
@NullMarked
package dev.weft.server.protocol;

import org.jspecify.annotations.NullMarked;
