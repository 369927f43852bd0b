package dev.weft.agent.traffic;

import dev.weft.agent.balance.Outcome;
import dev.weft.agent.balance.Picked;
import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RouteActions;
import dev.weft.policy.TrafficPolicy;
import java.io.IOException;
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
  /** Longest time for which an endpoint's own Retry-After is honoured. */
  static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(10);

  /** Libraries' timers may fire a little before our clock says so. */
  private static final Duration EARLY = Duration.ofMillis(5);

  private static final int UNAVAILABLE = 503;

  private final ClientTraffic traffic;
  private final OutboundRequest request;
  private final Call call;
  private final Decision.Forward decision;
  private final MeshSettings mesh;
  private final Upstream upstream;
  private final Permit permit;
  private final ClientObservation observation;
  private final Retries retries;
  private final Set<Endpoint> tried = new HashSet<>();
  private final long begun;

  /** By policy, or by what the caller of the request that this one is part of waits. */
  private final Deadline whole;

  private final Deadline application;

  /** A timer may end the exchange while an attempt is judged, so this and below is guarded. */
  private boolean ended;

  /** What the mesh answered itself. */
  private @Nullable LocalReply reply;

  private Duration delay = Duration.ZERO;
  private boolean mirrored;
  private Deadline backend = Deadline.NONE;
  private @Nullable Attempt current;

  /** The endpoint of the current attempt, as long as something of it is under way. */
  private @Nullable Picked picked;

  /** The endpoint of the last attempt. */
  private @Nullable Endpoint endpoint;

  private long attemptStart;
  private int resends;
  private int status;

  OutboundExchange(
      ClientTraffic traffic,
      OutboundRequest request,
      Call call,
      Decision.Forward decision,
      MeshSettings mesh,
      Upstream upstream,
      ClientObservation observation) {
    this.traffic = traffic;
    this.request = request;
    this.call = call;
    this.decision = decision;
    this.mesh = mesh;
    this.upstream = upstream;
    this.permit = new Permit(decision, upstream);
    this.observation = observation;
    this.retries = Retries.of(actions().retry());
    this.begun = traffic.now();
    this.whole =
        Deadline.earliest(
            List.of(Deadline.in(decision.requestTimeout(), begun), Deadlines.current()));
    this.application = Deadline.in(request.timeout(), begun);
  }

  private RouteActions actions() {
    return decision.delivery().actions();
  }

  @Override
  public synchronized Step first() {
    delay = Faults.delay(actions().fault(), traffic.dice());
    LocalReply refusal = Faults.abort(actions().fault(), decision.rule(), delay, traffic.dice());
    if (refusal == null) {
      refusal = permit.refusal();
    }
    Attempt first = refusal == null ? attempt(withinTime(delay)) : null;
    if (first == null) {
      reply = refusal == null ? noEndpoint() : refusal;
      return reply;
    }
    upstream.budget(decision.delivery(), mesh).requested();
    return first;
  }

  /** A delay that is longer than the request may take ends with its time. */
  private Duration withinTime(Duration pause) {
    return left().filter(left -> left.compareTo(pause) < 0).orElse(pause);
  }

  /** What is left of the request's time, whoever limits it; empty: nobody does. */
  private Optional<Duration> left() {
    return Deadline.earliest(List.of(whole, application)).left(traffic.now());
  }

  private LocalReply noEndpoint() {
    return new LocalReply(
        UNAVAILABLE,
        "UH",
        permit.rule(TrafficPolicy::outliers),
        "no endpoint of Service " + decision.service().key() + " may be used: all are ejected");
  }

  @Override
  public synchronized @Nullable Attempt retry(
      Attempt attempt, Throwable failure, Progress progress) {
    if (ended || !isCurrent(attempt)) {
      return null;
    }
    boolean tooLong = past(backend) && !past(whole) && !past(application);
    leave(failure, progress);
    return retries.afterFailure(failure, progress, tooLong, request.method(), request.body())
        ? again()
        : null;
  }

  /** Attempts that are alike are still two. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isCurrent(Attempt attempt) {
    return attempt == current;
  }

  /** The next attempt, if number, time, limits and budget allow it. */
  private @Nullable Attempt again() {
    if (resends >= retries.attempts() || past(whole) || past(application)) {
      return null;
    }
    Duration pause = retries.pause(resends + 1, traffic.dice());
    boolean inTime = left().map(left -> left.compareTo(pause) > 0).orElse(true);
    if (!inTime || !permit.tryRetry() || !upstream.budget(decision.delivery(), mesh).tryRetry()) {
      return null;
    }
    Attempt next = attempt(pause);
    resends += next == null ? 0 : 1;
    return next;
  }

  /** Null: there is no endpoint that may be used. */
  private @Nullable Attempt attempt(Duration pause) {
    Picked next = traffic.choice().choose(decision, mesh, call, tried, traffic.dice());
    if (next == null) {
      return null;
    }
    finishAttempt();
    picked = next;
    Endpoint chosen = next.endpoint();
    tried.add(chosen);
    endpoint = chosen;
    long start = traffic.now() + pause.toNanos();
    attemptStart = start;
    Optional<Duration> perTry = actions().retry().flatMap(RouteActions.Retry::perTryTimeout);
    backend = Deadline.in(perTry.or(decision::backendTimeout), start);
    Optional<Duration> timeout =
        Deadline.earliest(List.of(whole, application, backend)).left(start);
    Attempt attempt =
        new Attempt(
            WireEdits.address(request, chosen),
            WireEdits.requestHeaders(
                request, decision.requestHeaders(), timeout, observation.headers()),
            WireEdits.target(request, actions().rewrite()),
            pause,
            timeout,
            traffic.connectTimeout(decision, mesh));
    current = attempt;
    return attempt;
  }

  /** Ends an attempt that failed. */
  private void leave(Throwable failure, Progress progress) {
    if (picked != null) {
      judge(picked, outcome(failure, progress));
      finishAttempt();
    }
  }

  private Outcome outcome(Throwable failure, Progress progress) {
    if (expired() || Failures.timingOut(failure)) {
      return Outcome.Failure.TIMEOUT;
    }
    if (!(failure instanceof IOException) || progress == Progress.REFUSED) {
      return Outcome.Failure.GIVEN_UP; // by the application; or the peer merely has no room
    }
    return progress == Progress.UNSENT || Failures.connecting(failure)
        ? Outcome.Failure.CONNECT
        : Outcome.Failure.RESET;
  }

  private void judge(Picked attempted, Outcome outcome) {
    long took = Math.max(0, traffic.now() - attemptStart);
    traffic.choice().outcome(attempted, outcome, Duration.ofNanos(took));
  }

  private void finishAttempt() {
    Picked last = picked;
    if (last != null) {
      picked = null;
      traffic.choice().finished(last);
    }
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
    Picked answering = picked;
    if (answering == null || !isCurrent(attempt)) {
      return deliver(Optional.empty());
    }
    judge(answering, outcome(headers));
    if (status == 429 || status == UNAVAILABLE) {
      retryAfter(headers).ifPresent(time -> answering.load().avoid(time, traffic.now()));
    }
    mirror(attempt);
    Attempt next = !ended && retries.afterAnswer(status, headers, request.body()) ? again() : null;
    return next != null ? next : deliver(answering.responseHeader());
  }

  private Outcome outcome(Headers headers) {
    List<String> grpc = headers.values("grpc-status");
    if (grpc.isEmpty()) {
      return new Outcome.Response(status);
    }
    try {
      return new Outcome.Grpc(Integer.parseInt(grpc.get(0)));
    } catch (NumberFormatException e) {
      return new Outcome.Response(status);
    }
  }

  /** With the edits of policy, then what keeps a session. */
  private Deliver deliver(Optional<HeaderEdit> session) {
    List<HeaderEdit> edits = decision.responseHeaders();
    if (session.isEmpty()) {
      return edits.isEmpty() ? Deliver.UNCHANGED : new Deliver(WireEdits.changes(edits));
    }
    List<HeaderEdit> all = new ArrayList<>(edits);
    all.add(session.get());
    return new Deliver(WireEdits.changes(all));
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

  /** Once, and not before the request is out, so that its body is known. */
  private void mirror(Attempt attempt) {
    List<Decision.Copy> copies = decision.delivery().mirrors();
    if (mirrored || copies.isEmpty()) {
      return;
    }
    mirrored = true;
    for (Decision.Copy copy : copies) {
      if (traffic.dice().nextInt(copy.denominator()) < copy.numerator()) {
        mirror(copy, attempt);
      }
    }
  }

  private void mirror(Decision.Copy copy, Attempt attempt) {
    Decision.Forward forward =
        new Decision.Forward(
            decision.rule(),
            copy.service(),
            copy.endpoints(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty());
    Picked to = traffic.choice().choose(forward, mesh, call, Set.of(), traffic.dice());
    if (to != null) {
      traffic
          .mirrors()
          .send(
              copy,
              request,
              attempt,
              WireEdits.address(request, to.endpoint()),
              () -> traffic.choice().finished(to));
    }
  }

  @Override
  public synchronized void end(@Nullable Throwable failure) {
    if (ended) {
      return;
    }
    ended = true;
    if (failure != null) {
      leave(failure, Progress.SENT);
    }
    finishAttempt();
    if (current != null) {
      mirror(current);
    }
    permit.settle(failure, status, expired(), Math.max(0, traffic.now() - begun));
    observation.end(
        new ClientOutcome(
            reply == null ? status : reply.status(),
            flags(failure),
            reply == null ? decision.rule() : reply.rule(),
            decision.service(),
            endpoint,
            resends,
            failure));
  }

  private String flags(@Nullable Throwable failure) {
    String flag = reply == null ? flag(failure) : reply.flag();
    return delay.isZero() ? flag : flag.equals("-") ? "DI" : flag + ",DI";
  }

  private String flag(@Nullable Throwable failure) {
    if (failure == null) {
      boolean exhausted = resends > 0 && resends >= retries.attempts() && status >= 500;
      return status == 0 ? "DC" : exhausted ? "URX" : "-"; // given up by the application; answered
    }
    if (expired()) {
      return "UT";
    }
    if (!(failure instanceof IOException)) {
      return "DC";
    }
    String flag = Failures.connecting(failure) ? "UF" : "UC";
    return resends > 0 && resends >= retries.attempts() ? flag + ",URX" : flag;
  }
}
