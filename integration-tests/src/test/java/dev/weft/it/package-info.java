/**
 * The product as shipped: real JVMs, the real {@code -javaagent} jar, the real config server, real
 * certificates, no network but loopback.
 *
 * <p>{@link dev.weft.it.TestMesh} is the harness; the programs that run under the agent lie in
 * {@code examples/shop} and in the package {@code app} beside this one. {@link
 * dev.weft.it.OnEachJdk} runs a class once per JDK.
 */
package dev.weft.it;
