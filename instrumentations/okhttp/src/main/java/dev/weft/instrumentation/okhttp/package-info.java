/**
 * OkHttp 4 and 5. {@link dev.weft.instrumentation.okhttp.OkHttpInstrumentation} says where it is
 * woven, the {@code ...Advice} classes say when, {@link
 * dev.weft.instrumentation.okhttp.MeshInterceptor} is what happens: an interceptor of the library's
 * own kind, which runs the rest of the chain once per attempt.
 */
@NullMarked
package dev.weft.instrumentation.okhttp;

import org.jspecify.annotations.NullMarked;
