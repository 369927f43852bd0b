/**
 * The SPI between the agent and its library adapters: where a library is woven ({@link
 * dev.weft.instrumentation.Instrumentation}) and what an adapter may ask of the mesh.
 *
 * <p>Advice classes are never inlined into libraries: woven code reaches them by {@code
 * invokedynamic}, and they are loaded once per library class loader by a loader that sees the
 * library and this SPI.
 */
@NullMarked
package dev.weft.instrumentation;

import org.jspecify.annotations.NullMarked;
