/** The agent's settings, parsed once, at the edge. */
@NullMarked
package dev.weft.agent.config;

import org.jspecify.annotations.NullMarked;
