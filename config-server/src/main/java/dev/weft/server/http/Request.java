package dev.weft.server.http;

import dev.weft.server.authority.Svid;
import dev.weft.server.operator.Operator;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A complete request whose caller was checked.
 *
 * @param path the named parts of the route's path
 * @param query decoded parameters in order
 * @param svid who calls, for routes of {@link Caller#AGENT}
 * @param operator who calls, for routes of {@link Caller#VIEWER} and {@link Caller#OPERATOR}
 * @param remoteAddress IP literal of the caller
 * @param notes gets what the log is to say about a change beside who made it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Request(
    Map<String, String> path,
    Map<String, List<String>> query,
    HttpHeaders headers,
    byte[] body,
    Optional<Svid> svid,
    Optional<Operator> operator,
    String remoteAddress,
    Notes notes) {

  /** A named part of the path. */
  public String path(String name) {
    return path.getOrDefault(name, "");
  }

  /** The first value of a parameter, else {@code otherwise}. */
  public String parameter(String name, String otherwise) {
    List<String> values = query.get(name);
    return values == null ? otherwise : values.get(0);
  }

  /** The value of a header, else {@code otherwise}. */
  public String header(String name, String otherwise) {
    return headers.get(name, otherwise);
  }

  /** Who calls a route of {@link Caller#AGENT}. */
  public Svid agent() throws Refusal {
    return svid.orElseThrow(Request::noCertificate);
  }

  static Refusal noCertificate() {
    return new Refusal(
        Kind.UNAUTHENTICATED,
        "no-certificate",
        "This needs the certificate of a workload; enrol first.");
  }
}
