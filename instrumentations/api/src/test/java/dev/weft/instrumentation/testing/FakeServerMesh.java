package dev.weft.instrumentation.testing;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.ServerExchange;
import dev.weft.instrumentation.ServerMesh;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests below {@code /secret}, and those to {@code /token} for want of one; lets all
 * others in, those of {@code /last} as the last of their connection, and remembers what happened.
 * To {@code /who}, the caller is {@code alice}.
 */
public final class FakeServerMesh implements ServerMesh {
  /** Requests and outcomes in order: {@code begin GET /x}, {@code end 200}. */
  public final List<String> events = new CopyOnWriteArrayList<>();

  /** Ports that are covered now. */
  public final Set<Integer> covered = ConcurrentHashMap.newKeySet();

  /** The peer's address of the last request. */
  public volatile String seenRemote = "";

  /** The local port of the last request. */
  public volatile int seenLocalPort;

  /** The query of the last request. */
  public volatile String seenQuery = "";

  /** The authority of the last request. */
  public volatile String seenAuthority = "";

  private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

  /** The path of the request whose scope is open on this thread; null outside. */
  public static @Nullable String current() {
    return CURRENT.get();
  }

  @Override
  public ServerExchange begin(String library, InboundRequest request) {
    events.add("begin " + request.method() + " " + request.path());
    seenRemote = request.remote().toString();
    seenLocalPort = request.local().getPort();
    seenAuthority = request.authority();
    seenQuery = request.query();
    String path = request.path();
    if (path.equals("/who")) {
      events.add("user set " + request.replaceHeader("x-user", "alice"));
      events.add("token gone " + request.replaceHeader("x-token", null));
    }
    return new ServerExchange() {
      private boolean ended;

      @Override
      public @Nullable LocalReply refusal() {
        if (path.equals("/token")) {
          return new LocalReply(401, "UAEX", "RequestAuthentication test/jwt", "expired");
        }
        return path.startsWith("/secret")
            ? new LocalReply(403, "UAEX", "AuthorizationPolicy test/none", "not allowed")
            : null;
      }

      @Override
      public boolean last() {
        return path.startsWith("/last");
      }

      @Override
      public Scope attach() {
        CURRENT.set(path);
        return CURRENT::remove;
      }

      @Override
      public synchronized void end(int status, @Nullable Throwable failure) {
        if (!ended) {
          ended = true;
          events.add("end " + status + (failure == null ? "" : " " + failure.getMessage()));
        }
      }
    };
  }

  @Override
  public void covers(InetSocketAddress local, String library) {
    covered.add(local.getPort());
  }

  @Override
  public void uncovers(InetSocketAddress local, String library) {
    covered.remove(local.getPort());
  }
}
