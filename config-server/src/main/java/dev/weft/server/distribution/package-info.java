/**
 * What every agent should have, and what it says it has: {@link
 * dev.weft.server.distribution.Distribution} compiles documents and workloads whenever one of them
 * changes and hands each {@link dev.weft.server.distribution.Subscriber} the snapshots that differ.
 */
@NullMarked
package dev.weft.server.distribution;

import org.jspecify.annotations.NullMarked;
