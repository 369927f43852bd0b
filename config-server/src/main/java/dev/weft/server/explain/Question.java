package dev.weft.server.explain;

import dev.weft.policy.Call;
import dev.weft.policy.Route;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A request that nobody sends, or a connection that nobody makes. Immutable.
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
    Map<String, List<String>> headers,
    About about)
    implements Call {

  /** What is asked about. */
  public enum About {
    REQUEST,
    /** A connection whose requests nobody sees. */
    CONNECTION,
    /** The latter where only routes of connections bind the port, else the former. */
    EITHER;

    /** As the API has it in {@code about}. */
    static About parse(String text) throws Refusal {
      return switch (text) {
        case "" -> EITHER;
        case "request" -> REQUEST;
        case "connection" -> CONNECTION;
        default -> throw bad("expected about request or connection, found \"" + text + "\"");
      };
    }
  }

  private static final int HTTP_PORT = 80;

  /**
   * Reads a question as people write it.
   *
   * @param from {@code account} or {@code namespace/account}
   * @param to {@code host} or {@code host:port}
   * @param about {@code request} or {@code connection}; empty: whatever the port is for
   * @param method empty: {@code GET}
   * @param path empty: {@code /}
   * @param headers {@code name: value}
   * @throws Refusal {@code bad-request}
   */
  public static Question of(
      String from, String to, String about, String method, String path, List<String> headers)
      throws Refusal {
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
    boolean request = !method.isEmpty() || !path.isEmpty() || !headers.isEmpty();
    About asked = About.parse(about);
    if (request && asked == About.CONNECTION) {
      throw bad("a connection has no method, path and headers");
    }
    return new Question(
        namespace,
        account,
        host,
        port,
        method.isEmpty() ? "GET" : method,
        path.startsWith("/") ? path : "/" + path,
        parsed,
        request ? About.REQUEST : asked);
  }

  /** Whether it is about a connection, to a service with these routes. */
  boolean connection(List<Route> routes) {
    return about == About.CONNECTION
        || (about == About.EITHER
            && routes.stream().anyMatch(route -> route.binds(port))
            && routes.stream().noneMatch(route -> route.binds(port) && route.seesRequests()));
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
