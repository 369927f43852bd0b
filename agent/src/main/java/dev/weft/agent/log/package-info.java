/** The agent's own log: one line per event on stderr or in a file, no logging framework. */
@NullMarked
package dev.weft.agent.log;

import org.jspecify.annotations.NullMarked;
