package dev.weft.policy;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is known when access is decided. Confined to one decision. */
final class AccessFacts {
  private final AccessConnection connection;
  private final @Nullable AccessRequest request;
  private final UnknownRequest unknownRequest;
  private final String path;
  private @Nullable String principal;

  /** Why parts of a request are not known. */
  enum UnknownRequest {
    /** The request does not have them: they are missing attributes. */
    ABSENT,
    /** There is no request yet, and it will be judged when it is there. */
    YET_TO_COME,
    /** Nobody will ever look at a request: the rule cannot be enforced here. */
    NEVER_SEEN
  }

  /** On which side a policy errs where something is not known. */
  enum Stance {
    ALLOW,
    DENY,
    AUDIT
  }

  private AccessFacts(
      AccessConnection connection,
      @Nullable AccessRequest request,
      UnknownRequest unknownRequest,
      String path) {
    this.connection = connection;
    this.request = request;
    this.unknownRequest = unknownRequest;
    this.path = path;
  }

  static AccessFacts ofConnection(AccessConnection connection, boolean requestsAreChecked) {
    return new AccessFacts(
        connection,
        null,
        requestsAreChecked ? UnknownRequest.YET_TO_COME : UnknownRequest.NEVER_SEEN,
        "");
  }

  /** {@code path} is the spelling to be judged. */
  static AccessFacts ofRequest(AccessRequest request, String path) {
    return new AccessFacts(request.connection(), request, UnknownRequest.ABSENT, path);
  }

  /** What a condition counts as when the attribute it needs is not known. */
  boolean whenUnknown(boolean needsRequest, Stance stance) {
    return (needsRequest && unknownRequest == UnknownRequest.YET_TO_COME)
        ? stance == Stance.ALLOW
        : stance == Stance.DENY;
  }

  /** Whether requests of this connection will never be seen. */
  boolean requestsAreNeverSeen() {
    return unknownRequest == UnknownRequest.NEVER_SEEN;
  }

  String principal() {
    String known = principal;
    if (known == null) {
      SpiffeId id = id();
      known = id == null ? "" : id.principal();
      principal = known;
    }
    return known;
  }

  String namespace() {
    SpiffeId id = id();
    return id == null ? "" : id.namespace();
  }

  String trustDomain() {
    SpiffeId id = id();
    return id == null ? "" : id.trustDomain();
  }

  private @Nullable SpiffeId id() {
    return connection.peer().spiffeId().orElse(null);
  }

  int port() {
    return connection.port();
  }

  @Nullable InetAddress source() {
    return connection.source();
  }

  @Nullable InetAddress destination() {
    return connection.destination();
  }

  /** See {@link AccessRequest}; null: not known. */
  @Nullable InetAddress remote() {
    AccessRequest known = request;
    if (connection.peer().spiffeId().isEmpty()) {
      return connection.source();
    }
    if (known == null) {
      return null;
    }
    List<String> forwarded = known.headers().values("x-forwarded-for");
    if (forwarded.isEmpty()) {
      return connection.source();
    }
    String last = forwarded.get(forwarded.size() - 1);
    return IpBlock.address(last.substring(last.lastIndexOf(',') + 1).strip());
  }

  /** Whether the remote address depends on a request. */
  boolean remoteNeedsRequest() {
    return connection.peer().spiffeId().isPresent();
  }

  String sni() {
    return connection.sni();
  }

  String method() {
    return request == null ? "" : request.method();
  }

  String path() {
    return path;
  }

  String host() {
    return request == null ? "" : request.host();
  }

  List<String> header(String name) {
    return request == null ? List.of() : request.headers().values(name);
  }

  AccessToken token() {
    return request == null ? AccessToken.NONE : request.token();
  }

  /** For refusals: who asked for what. */
  @Override
  public String toString() {
    Optional<SpiffeId> id = connection.peer().spiffeId();
    String who = id.isPresent() ? "peer " + id.get() : "a peer without identity";
    String what = method().isEmpty() && path.isEmpty() ? "" : " asks for " + method() + " " + path;
    return who + what + " on port " + port();
  }
}
