package dev.weft.instrumentation.testing;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientMesh;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.ServedRequest;
import dev.weft.instrumentation.ServerExchange;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A mesh of one service, {@code pay}: its endpoints are tried in order. Unsent requests, and sent
 * ones without body that use GET, go to the next endpoint. What happened can be read as text.
 */
public final class FakeClientMesh implements ClientMesh {
  /** The host that this mesh serves. */
  public static final String HOST = "pay";

  /** What happened, in order: {@code begin GET /x}, {@code retry SENT}, {@code end 200} ... */
  public final List<String> events = new CopyOnWriteArrayList<>();

  /** Ports on the loopback address, tried in order; starts again at the end. */
  public final List<Integer> ports = new CopyOnWriteArrayList<>();

  /** Sees every request as it begins. */
  public volatile Consumer<OutboundRequest> asked = request -> {};

  /** Edits of every request. */
  public volatile List<HeaderChange> requestHeaders = List.of();

  /** Edits of every response. */
  public volatile List<HeaderChange> responseHeaders = List.of();

  /** Answers every request, when not null. */
  public volatile @Nullable LocalReply reply;

  /** What every request asks for, when not null. */
  public volatile @Nullable Target target;

  /** Statuses after which a request is sent again. */
  public volatile Set<Integer> retried = Set.of();

  /** In place of a result that may not be repeated any more, when not null. */
  public volatile @Nullable LocalReply overspent;

  /** After so long without an answer another attempt is made, when not null. */
  public volatile @Nullable Duration hedgeDelay;

  /** Before every first attempt. */
  public volatile Duration pause = Duration.ZERO;

  /** Bounds every request, when not null. */
  public volatile @Nullable Duration timeout;

  /** Limit of the first attempt; null: none of its own. */
  public volatile @Nullable Duration attemptTimeout;

  /** Limit of connecting. */
  public volatile Duration connectTimeout = Duration.ofSeconds(1);

  /** How often a request may be repeated. */
  public volatile int retries = 2;

  /** The name of the inbound request that a thread serves. */
  public final ThreadLocal<@Nullable String> serving = new ThreadLocal<>();

  /** For each request the inbound one it began for; {@code null}: none. */
  public final List<String> beganFor = new CopyOnWriteArrayList<>();

  @Override
  public @Nullable ServedRequest served() {
    String name = serving.get();
    return name == null ? null : () -> attached(name);
  }

  private ServerExchange.Scope attached(String name) {
    String before = serving.get();
    serving.set(name);
    return () -> serving.set(before);
  }

  @Override
  public boolean knows(String host) {
    return HOST.equals(host.toLowerCase(Locale.ROOT));
  }

  @Override
  public ClientExchange begin(String library, OutboundRequest request) {
    events.add("begin " + request.method() + " " + request.pathAndQuery());
    beganFor.add(String.valueOf(serving.get()));
    asked.accept(request);
    return new Exchange(request);
  }

  private final class Exchange implements ClientExchange {
    private final OutboundRequest request;
    private final long start = System.nanoTime();
    private int attempts;
    private int underWay = 1;
    private int hedges;
    private boolean delivered;
    private int status;
    private boolean ended;

    private Exchange(OutboundRequest request) {
      this.request = request;
    }

    @Override
    public Step first() {
      LocalReply local = reply;
      return local != null ? local : attempt(Duration.ZERO);
    }

    @Override
    public synchronized @Nullable Step retry(
        Attempt attempt, Throwable failure, Progress progress) {
      if (rivalled()) {
        events.add("leave " + progress);
        return Drop.INSTANCE;
      }
      events.add("retry " + progress);
      boolean repeatable =
          progress != Progress.SENT
              || (request.method().equals("GET") && request.body() == OutboundRequest.Body.NONE);
      if (!repeatable || expired()) {
        return null;
      }
      return attempts > retries ? overspent() : attempt(Duration.ofMillis(5));
    }

    /** Whether what has come of an attempt does not count, because there is another one. */
    private boolean rivalled() {
      return delivered ? hedges > 0 : underWay > 1 && underWay-- > 1;
    }

    @Override
    public Optional<Duration> hedgeDelay() {
      return Optional.ofNullable(hedgeDelay);
    }

    @Override
    public synchronized @Nullable Attempt hedge(Attempt unanswered) {
      if (delivered || ended || hedges > 0) {
        return null;
      }
      hedges++;
      underWay++;
      events.add("hedge");
      return attempt(Duration.ZERO);
    }

    private @Nullable Step overspent() {
      LocalReply instead = overspent;
      if (instead != null) {
        status = instead.status();
      }
      return instead;
    }

    private Attempt attempt(Duration backoff) {
      int port = ports.get(attempts++ % ports.size());
      Optional<Duration> limit = remaining().isPresent() ? remaining() : request.timeout();
      Duration own = attemptTimeout;
      if (own != null) {
        limit = Optional.of(own);
        attemptTimeout = null;
      }
      return new Attempt(
          address(port),
          requestHeaders,
          Optional.ofNullable(target),
          attempts == 1 ? pause : backoff,
          limit,
          connectTimeout);
    }

    @Override
    public Optional<Duration> remaining() {
      Duration limit = timeout;
      if (limit == null) {
        return Optional.empty();
      }
      Duration left = limit.minusNanos(System.nanoTime() - start);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }

    @Override
    public boolean expired() {
      // Libraries' timers may fire a little early.
      return remaining().map(left -> left.toMillis() < 5).orElse(false);
    }

    @Override
    public String timeoutMessage() {
      return "request timed out: UT; test-rule";
    }

    @Override
    public synchronized Verdict responded(Attempt attempt, int responseStatus, Headers headers) {
      if (delivered && hedges > 0) {
        events.add("leave " + responseStatus);
        return Drop.INSTANCE;
      }
      if (retried.contains(responseStatus) && request.body() != OutboundRequest.Body.ONCE) {
        Step next =
            rivalled()
                ? Drop.INSTANCE
                : attempts > retries ? overspent() : attempt(Duration.ofMillis(5));
        if (next != null) {
          events.add("drop " + responseStatus);
          return next;
        }
      }
      status = responseStatus;
      delivered = true;
      return new Deliver(responseHeaders);
    }

    @Override
    public synchronized void end(@Nullable Throwable failure) {
      if (!ended) {
        ended = true;
        events.add(failure == null ? "end " + status : "end " + failure.getClass().getSimpleName());
      }
    }
  }

  /** A loopback address that carries the service's name. */
  public static InetSocketAddress address(int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(HOST, new byte[] {127, 0, 0, 1}), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
