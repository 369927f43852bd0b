/**
 * Stands in for {@code java.util.logging} in the libraries that the agent brings: the build
 * relocates their references here, because the first use of the real one reads the application's
 * logging configuration before the application has set it. Only what those libraries call exists.
 */
@NullMarked
package dev.weft.agent.jul;

import org.jspecify.annotations.NullMarked;
