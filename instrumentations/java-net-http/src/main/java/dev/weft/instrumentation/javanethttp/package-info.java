/**
 * {@code java.net.http.HttpClient}. {@link
 * dev.weft.instrumentation.javanethttp.JavaNetHttpInstrumentation} says where it is woven, the
 * {@code ...Advice} classes say when, {@link dev.weft.instrumentation.javanethttp.MeshCall} is what
 * happens: it drives the client's own {@code sendAsync} once per attempt.
 */
@NullMarked
package dev.weft.instrumentation.javanethttp;

import org.jspecify.annotations.NullMarked;
