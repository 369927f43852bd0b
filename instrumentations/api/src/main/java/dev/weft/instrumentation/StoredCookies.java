package dev.weft.instrumentation;

import java.io.IOException;
import java.net.CookieHandler;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of a client of the JDK, which it adds below its adapter and takes from the response
 * before it: the mesh must see the former, and the client's store those that the mesh adds.
 * Stateless.
 */
public final class StoredCookies {
  private static final String REQUEST = "Cookie";
  private static final String RESPONSE = "Set-Cookie";

  private StoredCookies() {}

  /**
   * What the client will send along, as one header.
   *
   * @param store null: it keeps no cookies
   * @return empty: nothing
   */
  public static List<String> sent(@Nullable CookieHandler store, URI uri) {
    if (store == null) {
      return List.of();
    }
    try {
      List<String> cookies = store.get(uri, Map.of()).getOrDefault(REQUEST, List.of());
      return cookies.isEmpty() ? List.of() : List.of(String.join("; ", cookies));
    } catch (IOException e) {
      return List.of(); // which the client will say itself
    }
  }

  /** Gives the client the cookies among the changes of a response. */
  public static void received(@Nullable CookieHandler store, URI uri, List<HeaderChange> changes) {
    if (changes.isEmpty()) {
      return;
    }
    List<String> cookies = new ArrayList<>();
    for (HeaderChange change : changes) {
      if (change.kind() != HeaderChange.Kind.REMOVE && change.name().equalsIgnoreCase(RESPONSE)) {
        cookies.add(change.value());
      }
    }
    if (cookies.isEmpty() || store == null) {
      return;
    }
    try {
      store.put(uri, Map.of(RESPONSE, cookies));
    } catch (IOException e) {
      // The store is the application's. Without the cookie its next request begins a new session.
    }
  }
}
