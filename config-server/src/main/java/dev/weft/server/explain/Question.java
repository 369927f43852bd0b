package dev.weft.server.explain;

import dev.weft.policy.Call;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A request that nobody sends. Immutable.
 *
 * @param namespace of the caller
 * @param serviceAccount of the caller
 * @param headers by lower-case name
 */
public record Question(
    String namespace,
    String serviceAccount,
    String host,
    int port,
    String method,
    String pathAndQuery,
    Map<String, List<String>> headers)
    implements Call {

  private static final int HTTP_PORT = 80;

  /**
   * Reads a question as people write it.
   *
   * @param from {@code account} or {@code namespace/account}
   * @param to {@code host} or {@code host:port}
   * @param headers {@code name: value}
   * @throws Refusal {@code bad-request}
   */
  public static Question of(
      String from, String to, String method, String path, List<String> headers) throws Refusal {
    int slash = from.indexOf('/');
    String namespace = slash < 0 ? "default" : from.substring(0, slash);
    String account = from.substring(slash + 1);
    if (namespace.isEmpty() || account.isEmpty() || account.indexOf('/') >= 0) {
      throw bad("expected a service account or namespace/account, found \"" + from + "\"");
    }
    int colon = to.lastIndexOf(':');
    String host = colon < 0 ? to : to.substring(0, colon);
    int port = colon < 0 ? HTTP_PORT : port(to.substring(colon + 1));
    if (host.isEmpty()) {
      throw bad("expected host or host:port, found \"" + to + "\"");
    }
    Map<String, List<String>> parsed = new LinkedHashMap<>();
    for (String header : headers) {
      int end = header.indexOf(':');
      if (end < 1) {
        throw bad("expected name: value, found \"" + header + "\"");
      }
      parsed
          .computeIfAbsent(
              header.substring(0, end).strip().toLowerCase(Locale.ROOT), key -> new ArrayList<>())
          .add(header.substring(end + 1).strip());
    }
    return new Question(
        namespace, account, host, port, method, path.startsWith("/") ? path : "/" + path, parsed);
  }

  private static int port(String text) throws Refusal {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw bad("expected a port from 1 to 65535, found \"" + text + "\"");
  }

  private static Refusal bad(String message) {
    return new Refusal(Kind.BAD_REQUEST, "bad-request", "The question does not fit: " + message);
  }

  /** Path without query. */
  String path() {
    int query = pathAndQuery.indexOf('?');
    return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
  }

  @Override
  public List<String> header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }
}
