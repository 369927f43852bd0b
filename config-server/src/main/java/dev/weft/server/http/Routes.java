package dev.weft.server.http;

import dev.weft.server.limit.Traffic;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The resources of a listener by path and method. Immutable; thread-safe. */
public final class Routes {

  /** A found resource and the named parts of its path. */
  record Match(Route route, Map<String, String> path) {}

  private final Map<String, Map<String, Route>> byPath;
  private final List<PathPattern> patterns;

  private Routes(Map<String, Map<String, Route>> byPath) {
    this.byPath = byPath;
    this.patterns =
        byPath.keySet().stream()
            .filter(path -> path.contains("{"))
            .sorted()
            .map(PathPattern::of)
            .toList();
  }

  /** Collects resources. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Map<String, Route>> byPath = new HashMap<>();

    /** Adds a resource without body. */
    public Builder get(String path, Caller caller, Resource resource) {
      return add(new Route("GET", path, caller, Route.usual(caller), 0, resource));
    }

    /** Adds a resource that reads a body. */
    public Builder post(String path, Caller caller, int maxBody, Resource resource) {
      return post(path, caller, Route.usual(caller), maxBody, resource);
    }

    /** Adds a resource that reads a body and has other limits than its caller's usual ones. */
    public Builder post(
        String path, Caller caller, Traffic traffic, int maxBody, Resource resource) {
      return add(new Route("POST", path, caller, traffic, maxBody, resource));
    }

    /** Adds the removal of something. */
    public Builder delete(String path, Caller caller, Resource resource) {
      return add(new Route("DELETE", path, caller, Route.usual(caller), 0, resource));
    }

    private Builder add(Route route) {
      byPath.computeIfAbsent(route.path(), key -> new TreeMap<>()).put(route.method(), route);
      return this;
    }

    /** The routes so far. */
    public Routes build() {
      return new Routes(Map.copyOf(byPath));
    }
  }

  /** All of them, for descriptions; in no order. */
  public List<Route> all() {
    List<Route> all = new ArrayList<>();
    byPath.values().forEach(methods -> all.addAll(methods.values()));
    return all;
  }

  Match match(String method, String path) throws Refusal {
    Map<String, String> named = Map.of();
    Map<String, Route> methods = path.contains("{") ? null : byPath.get(path);
    if (methods == null) {
      for (PathPattern pattern : patterns) {
        Map<String, String> parts = pattern.match(path);
        if (parts != null) {
          methods = byPath.get(pattern.path());
          named = parts;
          break;
        }
      }
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
    return new Match(route, named);
  }

  /** A path with names in braces, in parts. */
  private record PathPattern(String path, List<String> parts) {
    static PathPattern of(String path) {
      return new PathPattern(path, List.of(path.split("/", -1)));
    }

    /** The values of the names; null: another path. */
    @Nullable Map<String, String> match(String other) {
      String[] found = other.split("/", -1);
      if (found.length != parts.size()) {
        return null;
      }
      Map<String, String> named = new HashMap<>();
      for (int i = 0; i < found.length; i++) {
        String part = parts.get(i);
        if (part.startsWith("{")) {
          if (found[i].isEmpty()) {
            return null;
          }
          named.put(part.substring(1, part.length() - 1), found[i]);
        } else if (!part.equals(found[i])) {
          return null;
        }
      }
      return named;
    }
  }
}
