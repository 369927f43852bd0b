/**
 * What time it is, and what to do when somebody sets the clock: the time of day says what is
 * written into certificates and tokens, and a monotonic clock how long anything lasts.
 */
@NullMarked
package dev.weft.server.time;

import org.jspecify.annotations.NullMarked;
