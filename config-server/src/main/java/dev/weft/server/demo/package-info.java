/**
 * {@code ./weft demo}: the whole mesh on one machine, each claim observed.
 *
 * <p>How to read it: {@link dev.weft.server.demo.Demo} is the command. A {@link
 * dev.weft.server.demo.LocalMesh} is a config server and any programs under the agent, as processes
 * of their own ({@link dev.weft.server.demo.Child}); {@link dev.weft.server.demo.Shop} starts the
 * programs of {@code examples/shop} in it. Each {@link dev.weft.server.demo.Check} drives traffic
 * through the shop and tells what it saw, as a {@link dev.weft.server.demo.Row} of the table.
 *
 * <p>The integration tests run the same checks, so what is public here is public for them.
 */
@NullMarked
package dev.weft.server.demo;

import org.jspecify.annotations.NullMarked;
