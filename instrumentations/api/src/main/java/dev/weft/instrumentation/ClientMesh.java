package dev.weft.instrumentation;

import org.jspecify.annotations.Nullable;

/** What a client library's adapter asks of the mesh. Thread-safe; never blocks, never throws. */
public interface ClientMesh {
  /**
   * Whether the host names a service of the mesh right now. A few nanoseconds: adapters ask it
   * before they look at anything else.
   *
   * @param host as the application wrote it, without port; any case
   */
  boolean knows(String host);

  /**
   * Begins one request: decides, chooses an endpoint, starts the span.
   *
   * @param library the {@link Instrumentation#name}
   * @param request a live view, read on this thread now and again when a failure is judged
   * @return null: the mesh has nothing to do with this request, let it pass untouched. Otherwise
   *     {@link ClientExchange#end} must be called exactly when the outcome is known
   */
  @Nullable ClientExchange begin(String library, OutboundRequest request);

  /**
   * What this thread serves, for a library that {@linkplain #begin begins} requests on threads of
   * its own: adapters ask where the application hands the request over.
   *
   * @return null: nothing
   */
  default @Nullable ServedRequest served() {
    return null;
  }
}
