/**
 * Bounds on what callers may ask for: {@link dev.weft.server.limit.Limits} holds one {@link
 * dev.weft.server.limit.Quota} for each {@link dev.weft.server.limit.Traffic} of request, {@link
 * dev.weft.server.limit.ConnectionLimit} counts connections. Memory does not grow with callers.
 */
@NullMarked
package dev.weft.server.limit;

import org.jspecify.annotations.NullMarked;
