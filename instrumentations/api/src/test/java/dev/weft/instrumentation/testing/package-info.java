/**
 * The kit of the adapters' tests: {@link dev.weft.instrumentation.testing.Woven} weaves a real
 * library in the test's own JVM as the agent would ({@link
 * dev.weft.instrumentation.testing.Weaver}), {@link
 * dev.weft.instrumentation.testing.FakeClientMesh} and {@link
 * dev.weft.instrumentation.testing.FakeServerMesh} stand in for the agent's core.
 */
@NullMarked
package dev.weft.instrumentation.testing;

import org.jspecify.annotations.NullMarked;
