package dev.weft.policy;

import java.util.List;
import java.util.Optional;

/**
 * What is known when access is decided. Immutable.
 *
 * @param peer whoever asks
 * @param method empty when unknown, as are path and host
 * @param unknownRequest what conditions on unknown parts of a request count as
 */
record AccessFacts(
    Peer peer, int port, String method, String path, String host, UnknownRequest unknownRequest) {

  /** Why parts of a request are not known. */
  enum UnknownRequest {
    /** The request does not have them: they are missing attributes. */
    ABSENT,
    /** There is no request yet, and it will be judged when it is there. */
    YET_TO_COME,
    /** Nobody will ever look at a request: the rule cannot be enforced here. */
    NEVER_SEEN
  }

  static AccessFacts ofConnection(Peer peer, int port, boolean requestsAreChecked) {
    return new AccessFacts(
        peer,
        port,
        "",
        "",
        "",
        requestsAreChecked ? UnknownRequest.YET_TO_COME : UnknownRequest.NEVER_SEEN);
  }

  static AccessFacts ofRequest(Peer peer, AccessRequest request, String path) {
    return new AccessFacts(
        peer, request.port(), request.method(), path, request.host(), UnknownRequest.ABSENT);
  }

  /** Whether any rule of a policy matches. */
  boolean match(AccessPolicy policy) {
    boolean deny = policy.action() == AccessPolicy.Action.DENY;
    for (AccessRule rule : policy.rules()) {
      if (matchFrom(rule, deny) && matchTo(rule, deny)) {
        return true;
      }
    }
    return false;
  }

  private boolean matchFrom(AccessRule rule, boolean deny) {
    if (rule.from().isEmpty()) {
      return true;
    }
    String principal = peer.spiffeId().map(SpiffeId::principal).orElse("");
    String namespace = peer.spiffeId().map(SpiffeId::namespace).orElse("");
    for (AccessRule.Source source : rule.from()) {
      if (holds(source.principals(), source.notPrincipals(), principal, deny)
          && holds(source.namespaces(), source.notNamespaces(), namespace, deny)) {
        return true;
      }
    }
    return false;
  }

  private boolean matchTo(AccessRule rule, boolean deny) {
    if (rule.to().isEmpty()) {
      return true;
    }
    boolean unknown = unknownRequest == UnknownRequest.YET_TO_COME ? !deny : deny;
    for (AccessRule.Operation operation : rule.to()) {
      boolean portHolds =
          (operation.ports().isEmpty() || operation.ports().contains(port))
              && !operation.notPorts().contains(port);
      if (portHolds
          && holds(operation.methods(), operation.notMethods(), method, unknown)
          && holds(operation.paths(), operation.notPaths(), path, unknown)
          && holds(operation.hosts(), operation.notHosts(), host, unknown)) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(
      List<String> wanted, List<String> unwanted, String actual, boolean whenMissing) {
    if (wanted.isEmpty() && unwanted.isEmpty()) {
      return true;
    }
    if (actual.isEmpty()) {
      return whenMissing;
    }
    return (wanted.isEmpty() || anyMatches(wanted, actual)) && !anyMatches(unwanted, actual);
  }

  private static boolean anyMatches(List<String> patterns, String actual) {
    for (String pattern : patterns) {
      if (matches(pattern, actual)) {
        return true;
      }
    }
    return false;
  }

  /** Exact, {@code prefix*}, {@code *suffix}, or {@code *} for anything that is there. */
  private static boolean matches(String pattern, String actual) {
    if (pattern.endsWith("*")) {
      return actual.startsWith(pattern.substring(0, pattern.length() - 1));
    }
    if (pattern.startsWith("*")) {
      return actual.endsWith(pattern.substring(1));
    }
    return pattern.equals(actual);
  }

  /** For refusals: who asked for what. */
  @Override
  public String toString() {
    Optional<SpiffeId> id = peer.spiffeId();
    String who = id.isPresent() ? "peer " + id.get() : "a peer without identity";
    String what = method.isEmpty() && path.isEmpty() ? "" : " asks for " + method + " " + path;
    return who + what + " on port " + port;
  }
}
