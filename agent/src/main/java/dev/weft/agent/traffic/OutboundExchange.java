package dev.weft.agent.traffic;

import dev.weft.agent.balance.EndpointLoad;
import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.MeshSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One forwarded request, carried out as one decision says, over all its attempts. The decision is
 * made once: attempts see one version of the policy. Thread-safe.
 */
final class OutboundExchange implements ClientExchange {
  /** How long an endpoint is left alone after an attempt on it failed. */
  static final Duration AVOID_FAILED = Duration.ofSeconds(5);

  /** Longest time for which an endpoint's own Retry-After is honoured. */
  static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(10);

  /** Libraries' timers may fire a little before our clock says so. */
  private static final Duration EARLY = Duration.ofMillis(5);

  private final ClientTraffic traffic;
  private final OutboundRequest request;
  private final Decision.Forward decision;
  private final MeshSettings mesh;
  private final RetryBudget budget;
  private final ClientObservation observation;
  private final List<HeaderChange> requestHeaders;
  private final Set<Endpoint> tried = new HashSet<>();
  private final Deadline whole;
  private final Deadline application;

  /** A timer may end the exchange while an attempt is judged, so this and below is guarded. */
  private boolean ended;

  private Deadline backend;
  private @Nullable Endpoint endpoint;
  private @Nullable EndpointLoad load;
  private long attemptStart;
  private int resends;
  private int status;

  OutboundExchange(
      ClientTraffic traffic,
      OutboundRequest request,
      Decision.Forward decision,
      MeshSettings mesh,
      RetryBudget budget,
      ClientObservation observation) {
    this.traffic = traffic;
    this.request = request;
    this.decision = decision;
    this.mesh = mesh;
    this.budget = budget;
    this.observation = observation;
    this.requestHeaders = requestHeaders(decision, observation);
    this.whole = Deadline.in(decision.requestTimeout(), traffic.now());
    this.application = Deadline.in(request.timeout(), traffic.now());
    this.backend = Deadline.NONE;
  }

  private static List<HeaderChange> requestHeaders(
      Decision.Forward decision, ClientObservation observation) {
    List<HeaderChange> changes = new ArrayList<>(changes(decision.requestHeaders()));
    observation
        .headers()
        .forEach(
            (name, value) -> changes.add(new HeaderChange(HeaderChange.Kind.SET, name, value)));
    return List.copyOf(changes);
  }

  private static List<HeaderChange> changes(List<HeaderEdit> edits) {
    return edits.stream()
        .map(
            edit ->
                new HeaderChange(
                    HeaderChange.Kind.valueOf(edit.kind().name()), edit.name(), edit.value()))
        .toList();
  }

  @Override
  public synchronized Step first() {
    budget.requested();
    return attempt(Duration.ZERO);
  }

  @Override
  public synchronized @Nullable Attempt retry(
      Attempt attempt, Throwable failure, Progress progress) {
    if (ended) {
      return null;
    }
    leave(failure);
    boolean allowed =
        Retries.allowed(
                failure, progress, request.method(), request.body() != OutboundRequest.Body.NONE)
            && resends < Retries.MAX
            && !past(whole)
            && !past(application);
    if (!allowed) {
      return null;
    }
    Duration pause = Retries.pause(resends + 1, traffic.dice());
    boolean inTime = whole.left(traffic.now()).map(left -> left.compareTo(pause) > 0).orElse(true);
    if (!inTime || !budget.tryRetry(mesh.retryBudgetPercent(), mesh.retryBudgetMinPerSecond())) {
      return null;
    }
    resends++;
    return attempt(pause);
  }

  private Attempt attempt(Duration pause) {
    Endpoint chosen = traffic.balancer().choose(decision.endpoints(), tried);
    tried.add(chosen);
    endpoint = chosen;
    load = traffic.balancer().load(chosen);
    load.started();
    long start = traffic.now() + pause.toNanos();
    attemptStart = start;
    backend = Deadline.in(decision.backendTimeout(), start);
    Optional<Duration> timeout =
        Deadline.earliest(List.of(whole, application, backend)).left(start);
    return new Attempt(
        address(chosen), requestHeaders, pause, timeout, ClientTraffic.CONNECT_TIMEOUT);
  }

  /** The endpoint's address under the name that the application called. */
  private InetSocketAddress address(Endpoint chosen) {
    try {
      byte[] bytes = InetAddress.getByName(chosen.address()).getAddress(); // a literal: no lookup
      return new InetSocketAddress(InetAddress.getByAddress(request.host(), bytes), chosen.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("endpoint address is no IP literal: " + chosen, e);
    }
  }

  /** Ends an attempt that failed. */
  private void leave(Throwable failure) {
    EndpointLoad current = load;
    if (current == null) {
      return;
    }
    long now = traffic.now();
    if (expired()) {
      current.observe(Duration.ofNanos(Math.max(0, now - attemptStart)), now);
    } else if (failure instanceof IOException) {
      current.avoid(AVOID_FAILED, now);
    }
    current.finished();
    load = null;
  }

  @Override
  public Optional<Duration> remaining() {
    return whole.left(traffic.now());
  }

  @Override
  public synchronized boolean expired() {
    return past(whole) || past(backend);
  }

  private boolean past(Deadline deadline) {
    return deadline.left(traffic.now()).map(left -> left.compareTo(EARLY) <= 0).orElse(false);
  }

  @Override
  public String timeoutMessage() {
    return "request timed out: UT; " + decision.rule();
  }

  @Override
  public synchronized Verdict responded(Attempt attempt, int responseStatus, Headers headers) {
    status = responseStatus;
    EndpointLoad current = load;
    if (current != null) {
      long now = traffic.now();
      current.observe(Duration.ofNanos(Math.max(0, now - attemptStart)), now);
      if (status == 429 || status == 503) {
        retryAfter(headers).ifPresent(time -> current.avoid(time, now));
      }
    }
    return new Deliver(changes(decision.responseHeaders()));
  }

  /** Seconds only; a date costs more than it tells a balancer. */
  private static Optional<Duration> retryAfter(Headers headers) {
    List<String> values = headers.values("Retry-After");
    if (values.isEmpty()) {
      return Optional.empty();
    }
    try {
      long seconds = Long.parseLong(values.get(0).strip());
      long longest = LONGEST_RETRY_AFTER.toSeconds();
      return Optional.of(Duration.ofSeconds(Math.max(0, Math.min(seconds, longest))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public synchronized void end(@Nullable Throwable failure) {
    if (ended) {
      return;
    }
    ended = true;
    if (failure != null) {
      leave(failure);
    }
    EndpointLoad current = load;
    if (current != null) {
      current.finished();
      load = null;
    }
    observation.end(
        new ClientOutcome(
            status,
            flags(failure),
            decision.rule(),
            decision.service(),
            endpoint,
            resends,
            failure));
  }

  private String flags(@Nullable Throwable failure) {
    if (failure == null) {
      return status == 0 ? "DC" : "-"; // given up by the application, or answered
    }
    if (expired()) {
      return "UT";
    }
    if (!(failure instanceof IOException)) {
      return "DC";
    }
    String flag = Failures.connecting(failure) ? "UF" : "UC";
    return resends >= Retries.MAX ? flag + ",URX" : flag;
  }
}
