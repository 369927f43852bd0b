/**
 * The SPI between the agent and its library adapters: where a library is woven ({@link
 * dev.weft.instrumentation.Instrumentation}) and what an adapter may ask of the mesh.
 *
 * <p>Advice classes are never inlined into libraries: woven code reaches them by {@code
 * invokedynamic}, and they are loaded once per library class loader by a loader that sees the
 * library and this SPI.
 *
 * <p>What an adapter needs of its library is recorded by the build in {@code
 * META-INF/weft/<name>.members} and checked by the agent before anything is woven in a class
 * loader. {@link dev.weft.instrumentation.HiddenMembers} looks up what Java cannot name, so that it
 * is recorded too; {@link dev.weft.instrumentation.OptionalMembers} marks what only some versions
 * need.
 *
 * <p>A client adapter turns its library's request into an {@link
 * dev.weft.instrumentation.OutboundRequest}, gives it to {@link
 * dev.weft.instrumentation.ClientMesh#begin} (reached through {@link
 * dev.weft.instrumentation.Mesh}) and carries out the {@link dev.weft.instrumentation.Step}s that
 * the {@link dev.weft.instrumentation.ClientExchange} names. A server adapter does the same with
 * {@link dev.weft.instrumentation.ServerMesh}. Adapters know their library; they hold no policy.
 */
@NullMarked
package dev.weft.instrumentation;

import org.jspecify.annotations.NullMarked;
