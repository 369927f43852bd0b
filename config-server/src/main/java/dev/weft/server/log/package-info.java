/** The server's log: one line per change of state on stderr, nothing per request. */
@NullMarked
package dev.weft.server.log;

import org.jspecify.annotations.NullMarked;
