package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * The library's default retries, where no mesh has judged the outcome: it has repeated already what
 * policy lets it repeat. Stateless.
 *
 * <p>Only what this strategy might repeat is marked, when it is there: failures and error statuses.
 * The library makes a map for the first attribute of a context, which most requests do without.
 */
final class MeshRetryStrategy extends DefaultHttpRequestRetryStrategy {
  /** Attribute of the library's context of a request that the mesh judges. */
  private static final String JUDGED = "dev.weft.judged";

  /** A request begins that no mesh judges; contexts may serve several, one after the other. */
  static void unjudged(HttpContext context) {
    context.removeAttribute(JUDGED);
  }

  /** The mesh lets the application have this status. */
  static void judged(HttpContext context, int status) {
    if (status >= HttpStatus.SC_CLIENT_ERROR) {
      failed(context);
    }
  }

  /** A request that the mesh judges has come to nothing. */
  static void failed(HttpContext context) {
    context.setAttribute(JUDGED, true);
  }

  @Override
  public boolean retryRequest(
      HttpRequest request, IOException failure, int attempts, HttpContext context) {
    return context.getAttribute(JUDGED) == null
        && super.retryRequest(request, failure, attempts, context);
  }

  @Override
  public boolean retryRequest(HttpResponse response, int attempts, HttpContext context) {
    return context.getAttribute(JUDGED) == null && super.retryRequest(response, attempts, context);
  }
}
