/**
 * The measured applications, one JVM each: an unremarkable server and a client that loads it, once
 * with Netty and once with Apache HttpClient and Tomcat. None of them knows a mesh; {@link
 * dev.weft.benchmarks.wire.app.Transport} says whether they do TLS themselves. The launcher, in the
 * package above, talks to them by lines: {@link dev.weft.benchmarks.wire.app.Commands}.
 */
@NullMarked
package dev.weft.benchmarks.wire.app;

import org.jspecify.annotations.NullMarked;
