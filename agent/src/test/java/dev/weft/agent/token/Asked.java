package dev.weft.agent.token;

import dev.weft.instrumentation.InboundRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A request of a library that lets headers be changed, or does not. */
public final class Asked implements InboundRequest {
  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final String query;
  private final boolean changeable;

  private Asked(String query, boolean changeable) {
    this.query = query;
    this.changeable = changeable;
  }

  /** A request without headers. */
  public static Asked plain() {
    return new Asked("", true);
  }

  /** A request with a query. */
  static Asked query(String query) {
    return new Asked(query, true);
  }

  /** A request whose headers stay as they came. */
  static Asked unchangeable() {
    return new Asked("", false);
  }

  /** With one more header. */
  public Asked with(String name, String value) {
    headers.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    return this;
  }

  /** With a token where it usually stands. */
  public Asked bearer(String token) {
    return with("Authorization", "Bearer " + token);
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/";
  }

  @Override
  public String query() {
    return query;
  }

  @Override
  public String authority() {
    return "pay:80";
  }

  @Override
  public List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public boolean replaceHeader(String name, String value) {
    if (changeable) {
      headers.remove(name);
      if (value != null) {
        with(name, value);
      }
    }
    return changeable;
  }

  @Override
  public InetSocketAddress remote() {
    return new InetSocketAddress("127.0.0.1", 40_000);
  }

  @Override
  public InetSocketAddress local() {
    return new InetSocketAddress("127.0.0.1", 8080);
  }
}
