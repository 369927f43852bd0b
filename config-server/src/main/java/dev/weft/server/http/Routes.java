package dev.weft.server.http;

import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The resources of a listener by path and method. Immutable; thread-safe. */
public final class Routes {

  /**
   * One resource.
   *
   * @param maxBody bytes of the request's body at most
   */
  record Route(Caller caller, int maxBody, Resource resource) {}

  /** A found resource and what of the path it did not need. */
  record Match(Route route, String rest) {}

  private final Map<String, Map<String, Route>> byPath;

  private Routes(Map<String, Map<String, Route>> byPath) {
    this.byPath = byPath;
  }

  /** Collects resources. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Map<String, Route>> byPath = new HashMap<>();

    /**
     * Adds a resource without body.
     *
     * @param path exact, or a prefix when it ends in {@code /}
     */
    public Builder get(String path, Caller caller, Resource resource) {
      return add("GET", path, caller, 0, resource);
    }

    /** Adds a resource that reads a body. */
    public Builder post(String path, Caller caller, int maxBody, Resource resource) {
      return add("POST", path, caller, maxBody, resource);
    }

    private Builder add(String method, String path, Caller caller, int maxBody, Resource resource) {
      byPath
          .computeIfAbsent(path, key -> new TreeMap<>())
          .put(method, new Route(caller, maxBody, resource));
      return this;
    }

    /** The routes so far. */
    public Routes build() {
      return new Routes(Map.copyOf(byPath));
    }
  }

  Match match(String method, String path) throws Refusal {
    Map<String, Route> methods = byPath.get(path);
    String rest = "";
    if (methods == null) {
      int slash = path.lastIndexOf('/') + 1;
      rest = path.substring(slash);
      methods = rest.isEmpty() ? null : byPath.get(path.substring(0, slash));
    }
    if (methods == null) {
      throw new Refusal(Kind.NOT_FOUND, "no-such-path", "There is nothing at " + path + ".");
    }
    Route route = methods.get(method);
    if (route == null) {
      throw new Refusal(
          Kind.WRONG_METHOD,
          "wrong-method",
          path + " answers to " + String.join(", ", methods.keySet()) + ", not to " + method + ".");
    }
    return new Match(route, rest);
  }
}
