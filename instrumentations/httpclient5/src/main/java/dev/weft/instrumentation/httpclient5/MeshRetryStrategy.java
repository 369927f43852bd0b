package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * The library's default retries, where no mesh has judged the outcome: it has repeated already what
 * policy lets it repeat. Stateless.
 */
final class MeshRetryStrategy extends DefaultHttpRequestRetryStrategy {
  /** Attribute of the library's context of a request that the mesh judges. */
  private static final String JUDGED = "dev.weft.judged";

  /** A request begins; contexts may serve several, one after the other. */
  static void judged(HttpContext context, boolean byMesh) {
    if (byMesh) {
      context.setAttribute(JUDGED, true);
    } else {
      context.removeAttribute(JUDGED);
    }
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
