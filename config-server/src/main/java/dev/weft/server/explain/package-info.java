/**
 * Why one request goes where it goes: {@link dev.weft.server.explain.Explanation}, for the command
 * and for the API.
 */
@NullMarked
package dev.weft.server.explain;

import org.jspecify.annotations.NullMarked;
