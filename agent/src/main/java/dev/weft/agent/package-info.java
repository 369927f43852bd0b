/** The agent inside the isolated class loader; {@link dev.weft.agent.Agent} wires it. */
@NullMarked
package dev.weft.agent;

import org.jspecify.annotations.NullMarked;
