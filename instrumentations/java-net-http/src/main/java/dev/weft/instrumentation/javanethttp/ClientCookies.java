package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.HeaderChange;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cookies of a client, which it adds below us and takes from the response before us: the mesh
 * must see the former, and the client those that the mesh adds. Stateless.
 */
final class ClientCookies {
  private static final String REQUEST = "Cookie";
  private static final String RESPONSE = "Set-Cookie";

  private ClientCookies() {}

  /** What the client would send along, as one header; empty: nothing. */
  static List<String> sent(HttpClient client, URI uri) {
    Optional<CookieHandler> handler = client.cookieHandler();
    if (handler.isEmpty()) {
      return List.of();
    }
    try {
      List<String> cookies = handler.get().get(uri, Map.of()).getOrDefault(REQUEST, List.of());
      return cookies.isEmpty() ? List.of() : List.of(String.join("; ", cookies));
    } catch (IOException e) {
      return List.of(); // which the client will say itself
    }
  }

  /** Gives the client the cookies among the changes of a response. */
  static void received(HttpClient client, URI uri, List<HeaderChange> changes) {
    List<String> cookies = new ArrayList<>();
    for (HeaderChange change : changes) {
      if (change.kind() != HeaderChange.Kind.REMOVE && change.name().equalsIgnoreCase(RESPONSE)) {
        cookies.add(change.value());
      }
    }
    if (cookies.isEmpty() || client.cookieHandler().isEmpty()) {
      return;
    }
    try {
      client.cookieHandler().get().put(uri, Map.of(RESPONSE, cookies));
    } catch (IOException e) {
      // The store is the application's. Without the cookie its next request begins a new session.
    }
  }
}
