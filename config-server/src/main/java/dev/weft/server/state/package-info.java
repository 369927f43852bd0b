/**
 * The folder in which the server keeps what must survive it: authority, join tokens, operator
 * token, the last good policy. {@link dev.weft.server.state.StateFolder} is all there is.
 */
@NullMarked
package dev.weft.server.state;

import org.jspecify.annotations.NullMarked;
