package dev.weft.agent.traffic;

import dev.weft.agent.balance.Outcome;
import dev.weft.agent.balance.Picked;
import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Call;
import dev.weft.policy.CrossOrigin;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RouteActions;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Hedging;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One forwarded request, carried out as one decision says, over all its attempts. The decision is
 * made once: attempts see one version of the policy. Thread-safe.
 */
final class OutboundExchange implements ClientExchange {
  /** Libraries' timers may fire a little before our clock says so. */
  private static final long EARLY = TimeUnit.MILLISECONDS.toNanos(5);

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

  /** The attempts of which something is under way; null: none. */
  private @Nullable Flight flights;

  /** The attempt that was delivered, else that began or failed last; null: there was none. */
  private @Nullable Flight last;

  /** The endpoints of all attempts, as soon as there is a second one. */
  private Set<Endpoint> tried = Set.of();

  private boolean delivered;
  private int resends;
  private int hedges;
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
    this.retries = upstream.retries(actions().retry());
    this.begun = traffic.now();
    this.whole = Deadline.in(decision.requestTimeout(), begun).or(Deadlines.current());
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
    Attempt first = refusal == null ? attempt(begun, withinTime(delay)) : null;
    if (first == null) {
      reply = refusal == null ? noEndpoint() : refusal;
      return reply;
    }
    upstream.budget(decision.delivery(), mesh).requested();
    return first;
  }

  /** A delay that is longer than the request may take ends with its time. */
  private Duration withinTime(Duration pause) {
    return pause.isZero() || !whole.or(application).within(pause.toNanos(), traffic.now())
        ? pause
        : left().orElse(pause);
  }

  /** What is left of the request's time, whoever limits it; empty: nobody does. */
  private Optional<Duration> left() {
    return whole.or(application).left(traffic.now());
  }

  private LocalReply noEndpoint() {
    return new LocalReply(
        UNAVAILABLE,
        "UH",
        permit.rule(TrafficPolicy::outliers),
        "no endpoint of Service " + decision.service().key() + " may be used: all are ejected");
  }

  @Override
  public synchronized @Nullable Step retry(Attempt attempt, Throwable failure, Progress progress) {
    Flight failed = ended ? null : Flight.of(flights, attempt);
    if (failed == null) {
      return outrun();
    }
    last = failed;
    boolean tooLong = past(failed.limit()) && !past(whole) && !past(application);
    judge(failed, Failures.outcome(failure, progress, expired()));
    leave(failed);
    if (flights != null) {
      return Drop.INSTANCE; // its rival may still be answered
    }
    return retries.afterFailure(failure, progress, tooLong, request.method(), request.body())
        ? again()
        : null;
  }

  /** For an attempt of which nobody waits for anything any more; null: there never was another. */
  private @Nullable Drop outrun() {
    return hedges > 0 ? Drop.INSTANCE : null;
  }

  /** The next attempt, if number, time, limits and budget allow it; null: what there is counts. */
  private @Nullable Step again() {
    if (resends >= retries.attempts() || past(whole) || past(application)) {
      return null;
    }
    Duration pause = retries.pause(resends + 1, traffic.dice());
    boolean inTime = left().map(left -> left.compareTo(pause) > 0).orElse(true);
    if (!inTime || !permit.tryRetry()) {
      return null;
    }
    if (!upstream.budget(decision.delivery(), mesh).tryRetry()) {
      return overspent();
    }
    Attempt next = attempt(traffic.now(), pause);
    resends += next == null ? 0 : 1;
    return next;
  }

  /** What the budget's policy wants to be answered; null: what there is. */
  private @Nullable LocalReply overspent() {
    reply = permit.overspent();
    if (reply != null && status == 0) {
      status = reply.status(); // the circuit shall know that nobody answered
    }
    return reply;
  }

  @Override
  public synchronized Optional<Duration> hedgeDelay() {
    return reply == null ? Hedges.of(decision, request).map(Hedging::delay) : Optional.empty();
  }

  @Override
  public synchronized @Nullable Attempt hedge(Attempt unanswered) {
    Flight newest = flights;
    boolean decided = ended || delivered || reply != null;
    if (decided || newest == null || !newest.is(unanswered)) {
      return null;
    }
    int most = Hedges.of(decision, request).map(Hedging::attempts).orElse(0);
    if (hedges >= most || past(whole) || past(application)) {
      return null;
    }
    Picked rival = traffic.choice().choose(decision, mesh, call, tried(), traffic.dice());
    if (rival == null) {
      return null;
    }
    if (tried.contains(rival.endpoint()) // there is no other one
        || !permit.tryHedge(upstream.budget(decision.delivery(), mesh))) {
      traffic.choice().finished(rival);
      return null;
    }
    hedges++;
    return begin(rival, traffic.now(), Duration.ZERO);
  }

  /**
   * The next attempt; null: there is no endpoint that may be used.
   *
   * @param now when its pause begins: for the first attempt when the request began, so that limits
   *     are what policy says and need no arithmetic
   */
  private @Nullable Attempt attempt(long now, Duration pause) {
    Picked next = traffic.choice().choose(decision, mesh, call, tried(), traffic.dice());
    if (next == null) {
      return null;
    }
    leaveAll();
    return begin(next, now, pause);
  }

  private Attempt begin(Picked next, long now, Duration pause) {
    Endpoint chosen = next.endpoint();
    long start = now + pause.toNanos();
    Optional<Duration> perTry = actions().retry().flatMap(RouteActions.Retry::perTryTimeout);
    Deadline limit = Deadline.in(perTry.isPresent() ? perTry : decision.backendTimeout(), start);
    Optional<Duration> timeout = whole.or(application).or(limit).left(start);
    Attempt attempt =
        new Attempt(
            next.address(request.host()),
            next.unnamedAddress(),
            WireEdits.requestHeaders(request, decision.requestHeaders(), timeout, observation),
            WireEdits.target(request, actions().rewrite()),
            pause,
            timeout,
            traffic.connectTimeout(decision, mesh));
    last = new Flight(attempt, next, start, limit, flights);
    flights = last;
    if (!tried.isEmpty()) {
      tried.add(chosen);
    }
    return attempt;
  }

  private Set<Endpoint> tried() {
    if (last != null && tried.isEmpty()) {
      tried = new HashSet<>();
      tried.add(last.picked().endpoint());
    }
    return tried;
  }

  private void judge(Flight attempted, Outcome outcome) {
    long took = Math.max(0, traffic.now() - attempted.start());
    traffic.choice().outcome(attempted.picked(), outcome, Duration.ofNanos(took));
  }

  private void leave(Flight flight) {
    traffic.choice().finished(flight.picked());
    flights = Flight.without(flights, flight);
  }

  private void leaveAll() {
    for (Flight each = flights; each != null; each = each.before()) {
      leave(each);
    }
  }

  /** The application gets what came of one attempt. */
  private void win(Flight winner) {
    delivered = true;
    last = winner;
    for (Flight each = flights; each != null; each = each.before()) {
      if (!each.is(winner.attempt())) {
        judge(each, Outcome.Failure.OUTRUN);
        leave(each);
      }
    }
  }

  @Override
  public Optional<Duration> remaining() {
    return whole.set() ? whole.left(traffic.now()) : Optional.empty();
  }

  @Override
  public synchronized boolean expired() {
    return past(whole) || (last != null && past(last.limit()));
  }

  /** Reads the clock only where there is something to hold it against: each request asks. */
  private boolean past(Deadline deadline) {
    return deadline.set() && deadline.within(EARLY, traffic.now());
  }

  @Override
  public String timeoutMessage() {
    return "request timed out: UT; " + decision.rule();
  }

  @Override
  public synchronized Verdict responded(Attempt attempt, int responseStatus, Headers headers) {
    Flight answered = Flight.of(flights, attempt);
    Drop outrun = answered == null ? outrun() : null;
    if (outrun != null) {
      return outrun;
    }
    status = responseStatus;
    if (answered == null) {
      return deliver(headers, Optional.empty());
    }
    Picked answering = answered.picked();
    judge(answered, Responses.outcome(status, headers));
    Optional<Duration> avoided = Responses.retryAfter(status, headers);
    if (avoided.isPresent()) {
      answering.load().avoid(avoided.get(), traffic.now());
    }
    mirror(attempt);
    if (!ended && retries.afterAnswer(status, headers, request.body())) {
      boolean rivals = flights != null && flights.before() != null;
      Step next = rivals ? Drop.INSTANCE : again();
      if (next == Drop.INSTANCE) {
        leave(answered);
      }
      if (next != null) {
        return next;
      }
    }
    win(answered);
    return deliver(headers, answering.responseHeader());
  }

  /** With the edits of policy, then what other origins may see, then what keeps a session. */
  private Deliver deliver(Headers headers, Optional<HeaderEdit> session) {
    List<HeaderEdit> edits = decision.responseHeaders();
    Optional<CrossOrigin> crossOrigin = decision.delivery().crossOrigin();
    if (session.isEmpty() && crossOrigin.isEmpty()) {
      return edits.isEmpty() ? Deliver.UNCHANGED : new Deliver(WireEdits.changes(edits));
    }
    List<HeaderEdit> all = new ArrayList<>(edits);
    crossOrigin.ifPresent(rule -> all.addAll(rule.edits(call, headers::values)));
    session.ifPresent(all::add);
    return new Deliver(WireEdits.changes(all));
  }

  /** Once, and not before the request is out, so that its body is known. */
  private void mirror(Attempt attempt) {
    if (!mirrored && !decision.delivery().mirrors().isEmpty()) {
      mirrored = true;
      traffic.mirrors().send(decision, mesh, call, request, attempt, traffic.dice());
    }
  }

  @Override
  public synchronized void end(@Nullable Throwable failure) {
    if (ended) {
      return;
    }
    ended = true;
    boolean late = failure != null && expired(); // of an answer nobody asks
    for (Flight each = flights; each != null && failure != null; each = each.before()) {
      judge(each, Failures.outcome(failure, Progress.SENT, late));
    }
    leaveAll();
    if (last != null) {
      mirror(last.attempt());
    }
    long took = permit.timed() ? Math.max(0, traffic.now() - begun) : 0;
    permit.settle(failure, status, late, took);
    observation.end(
        new ClientOutcome(
            reply == null ? status : reply.status(),
            flags(failure, late),
            reply == null ? decision.rule() : reply.rule(),
            decision.service(),
            last == null ? null : last.picked().endpoint(),
            resends + hedges,
            failure));
  }

  private String flags(@Nullable Throwable failure, boolean late) {
    boolean exhausted = resends > 0 && resends >= retries.attempts();
    String flag = reply == null ? Failures.flags(failure, status, late, exhausted) : reply.flag();
    return delay.isZero() ? flag : flag.equals("-") ? "DI" : flag + ",DI";
  }
}
