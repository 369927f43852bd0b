/**
 * What woven code calls. These classes live in the bootstrap class loader, so that {@code
 * java.base} itself can reach them; they know only the JDK and hold no logic: everything they are
 * asked goes to the {@link dev.weft.bootstrap.WireHooks} and {@link
 * dev.weft.bootstrap.WireSession}s of the agent, which lives in the isolated {@link
 * dev.weft.bootstrap.AgentClassLoader}.
 */
@NullMarked
package dev.weft.bootstrap;

import org.jspecify.annotations.NullMarked;
