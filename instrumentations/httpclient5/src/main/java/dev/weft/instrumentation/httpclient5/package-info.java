/**
 * Apache HttpClient 5. {@link dev.weft.instrumentation.httpclient5.HttpClient5Instrumentation} and
 * {@link dev.weft.instrumentation.httpclient5.HttpAsyncClient5Instrumentation} say where it is
 * woven, the {@code ...Advice} classes say when: each built client gets a handler of its own kind
 * in its execution chain, which puts {@link dev.weft.instrumentation.httpclient5.MeshRuntime}, or
 * {@link dev.weft.instrumentation.httpclient5.AsyncMeshRuntime}, between the chain and the
 * connection pool. What happens there is {@link dev.weft.instrumentation.httpclient5.ClassicCall}
 * and {@link dev.weft.instrumentation.httpclient5.AsyncCall}.
 */
@NullMarked
package dev.weft.instrumentation.httpclient5;

import org.jspecify.annotations.NullMarked;
