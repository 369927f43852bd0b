/**
 * HTTP/1.1 over TLS 1.3 on Netty: {@link dev.weft.server.http.Listener} accepts, its connections
 * read and judge one request at a time and hand it to a {@link dev.weft.server.http.Resource} off
 * the event loop; a {@link dev.weft.server.http.Watch} is an answer that does not end. What the
 * resources are stands in {@code dev.weft.server.api}.
 */
@NullMarked
package dev.weft.server.http;

import org.jspecify.annotations.NullMarked;
