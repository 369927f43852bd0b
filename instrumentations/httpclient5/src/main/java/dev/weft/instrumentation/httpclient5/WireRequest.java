package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.Target;
import java.net.URISyntaxException;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/**
 * Copies of the application's request as one attempt sends them; its own object is never edited.
 */
final class WireRequest {
  /** Headers of a connection, which HTTP/2 does not have (RFC 9113, section 8.2.2), and Host. */
  private static final List<String> OF_HTTP_1 =
      List.of(
          HttpHeaders.CONNECTION,
          HttpHeaders.HOST,
          "Keep-Alive",
          "Proxy-Connection",
          HttpHeaders.TRANSFER_ENCODING,
          HttpHeaders.UPGRADE);

  /** A request that has a host, even none, is made without parsing its path as a URI. */
  private static final @Nullable HttpHost NOWHERE = null;

  private WireRequest() {}

  /** With a body, which may be a copy of the application's. */
  static ClassicHttpRequest of(
      ClassicHttpRequest application, Attempt attempt, @Nullable HttpEntity body)
      throws ProtocolException {
    BasicClassicHttpRequest copy =
        new BasicClassicHttpRequest(application.getMethod(), NOWHERE, "/");
    copy(application, attempt, copy);
    copy.setEntity(body);
    return copy;
  }

  /** Null: as without a mesh. */
  static HttpRequest of(HttpRequest application, @Nullable Attempt attempt)
      throws ProtocolException {
    BasicHttpRequest copy = new BasicHttpRequest(application.getMethod(), NOWHERE, "/");
    copy(application, attempt, copy);
    return copy;
  }

  /** Makes it one of HTTP/2: interceptors saw it before the connection was chosen. */
  static void toHttp2(HttpRequest copy) {
    OF_HTTP_1.forEach(copy::removeHeaders);
  }

  private static void copy(
      HttpRequest application, @Nullable Attempt attempt, BasicHttpRequest copy)
      throws ProtocolException {
    copy.setVersion(application.getVersion());
    copy.setScheme(application.getScheme());
    copy.setAuthority(application.getAuthority());
    copy.setPath(application.getRequestUri());
    for (Header header : application.getHeaders()) {
      copy.addHeader(header);
    }
    if (attempt == null) {
      return;
    }
    HeaderEdits.apply(copy, attempt.requestHeaders());
    if (attempt.target().isPresent()) {
      retarget(copy, attempt.target().get());
    }
  }

  private static void retarget(BasicHttpRequest copy, Target target) throws ProtocolException {
    target.pathAndQuery().ifPresent(copy::setPath);
    if (target.authority().isPresent()) {
      String authority = target.authority().get();
      try {
        copy.setAuthority(URIAuthority.create(authority));
      } catch (URISyntaxException e) {
        throw new ProtocolException("no authority: " + authority, e);
      }
      copy.setHeader(HttpHeaders.HOST, authority);
    }
  }
}
