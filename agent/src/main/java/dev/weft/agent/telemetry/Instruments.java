package dev.weft.agent.telemetry;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.Peer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The tracer and the meters of a running SDK. Thread-safe. */
final class Instruments {
  /** Bucket boundaries of the HTTP semantic conventions, in seconds. */
  private static final List<Double> SECONDS =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  /** In the context of an inbound request: the span that called us. */
  private static final ContextKey<SpanContext> CALLER = ContextKey.named("weft-caller");

  private static final TextMapGetter<Function<String, List<String>>> HEADERS = new HeaderGetter();

  private static final TextMapSetter<BiConsumer<String, String>> INTO =
      (carrier, name, value) -> {
        if (carrier != null) {
          carrier.accept(name, value);
        }
      };

  private static final AttributeKey<String> WATCHED_AS = AttributeKey.stringKey("weft.watched.as");
  private static final AttributeKey<Boolean> ALLOWED = AttributeKey.booleanKey("weft.allowed");

  final Tracer tracer;
  private final DoubleHistogram clientDuration;
  private final DoubleHistogram serverDuration;
  private final LongCounter istioRequests;
  private final SentRequests sent = new SentRequests();
  private final KnownAttributes<ServerSpan.Answered> received = new KnownAttributes<>();
  private final KnownAttributes<Counted> counted = new KnownAttributes<>();
  private final LongCounter watchedRequests;
  private final TextMapPropagator propagator;

  /** The headers that the propagator reads. */
  private final String[] propagated;

  private final Supplier<Party> self;
  private final String service;

  /** {@code self} is read per request: the identity arrives after the start. */
  Instruments(
      OpenTelemetry sdk, Supplier<Party> self, String service, ConnectionMetrics connections) {
    this.self = self;
    this.service = service;
    tracer = sdk.getTracer("dev.weft");
    propagator = sdk.getPropagators().getTextMapPropagator();
    propagated = propagator.fields().toArray(new String[0]);
    Meter meter = sdk.getMeter("dev.weft");
    clientDuration = duration(meter, "http.client.request.duration", "HTTP client requests");
    serverDuration = duration(meter, "http.server.request.duration", "HTTP server requests");
    istioRequests = meter.counterBuilder("istio_requests_total").build();
    watchedRequests =
        meter
            .counterBuilder("weft.access.watched")
            .setDescription(
                "Requests that a policy in dry run would turn, or that an audit matches.")
            .build();
    connections.register(meter);
  }

  /** Counts once for every policy that a decision names without having asked it. */
  void watched(AccessDecision decision) {
    decision.dryRun().forEach(rule -> watched(rule, "dry-run", decision));
    decision.audit().forEach(rule -> watched(rule, "audit", decision));
  }

  private void watched(String rule, String as, AccessDecision decision) {
    watchedRequests.add(
        1, Attributes.of(Semantic.RULE, rule, WATCHED_AS, as, ALLOWED, decision.allowed()));
  }

  /** Requests that Istio's metric counts together. */
  record Counted(IstioLabels labels, int status) implements KnownAttributes.Key {
    @Override
    public Attributes attributes() {
      return labels.ofRequests(status);
    }
  }

  /**
   * Records an outbound request that took so long, and counts it as Istio does.
   *
   * @param error as {@link Semantic#error} says
   */
  void ended(
      ClientSpan.Asked asked,
      ClientOutcome outcome,
      String error,
      double seconds,
      Context context) {
    SentRequests.Alike alike = sent.of(self(), asked, outcome, error);
    clientDuration.record(seconds, alike.duration(), context);
    istioRequests.add(1, alike.count(), context);
  }

  /** Records an inbound request that took so long. */
  void answered(ServerSpan.Answered request, double seconds, Context context) {
    serverDuration.record(seconds, received.of(request), context);
  }

  /** Counts an inbound request as Istio does. */
  void counted(IstioLabels labels, int status, Context context) {
    istioRequests.add(1, counted.of(new Counted(labels, status)), context);
  }

  private static DoubleHistogram duration(Meter meter, String name, String of) {
    return meter
        .histogramBuilder(name)
        .setUnit("s")
        .setDescription("Duration of " + of + ".")
        .setExplicitBucketBoundariesAdvice(SECONDS)
        .build();
  }

  Party self() {
    return self.get();
  }

  /** Name of this workload's service; may be empty. */
  String service() {
    return service;
  }

  /** Starts the span of an outbound request. */
  ClientObservation client(OutboundRequest request) {
    return ClientSpan.start(this, parent(request), request);
  }

  /** Starts the span of an inbound request. */
  ServerObservation server(InboundRequest request, String host, Peer peer, String rule) {
    Context caller = propagator.extract(Context.root(), request::header, HEADERS);
    SpanContext callerSpan = Span.fromContext(caller).getSpanContext();
    return ServerSpan.start(this, caller.with(CALLER, callerSpan), request, host, peer, rule);
  }

  /** Headers that continue the trace at the other end. */
  void propagate(Context context, BiConsumer<String, String> nameAndValue) {
    propagator.inject(context, nameAndValue, INTO);
  }

  /**
   * The parent of an outbound request: the trace that the application's own tracing put into the
   * headers, else the inbound request that this thread serves. An application that merely copies
   * the headers of the inbound request is no tracing of its own.
   */
  private Context parent(OutboundRequest request) {
    Context current = Context.current();
    if (!propagates(request)) {
      return current;
    }
    Context own = propagator.extract(Context.root(), request::header, HEADERS);
    SpanContext ownSpan = Span.fromContext(own).getSpanContext();
    SpanContext caller = current.get(CALLER);
    boolean copied = caller != null && caller.getSpanId().equals(ownSpan.getSpanId());
    return ownSpan.isValid() && !copied ? own : current;
  }

  /** Propagators build what they read before they look, and most requests carry nothing. */
  private boolean propagates(OutboundRequest request) {
    for (String name : propagated) {
      if (!request.header(name).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static final class HeaderGetter implements TextMapGetter<Function<String, List<String>>> {
    @Override
    public Iterable<String> keys(Function<String, List<String>> headers) {
      return Collections.emptyList(); // the standard propagators ask by name
    }

    @Override
    public @Nullable String get(@Nullable Function<String, List<String>> headers, String name) {
      List<String> values = headers == null ? List.of() : headers.apply(name);
      return values.isEmpty() ? null : values.get(0);
    }
  }
}
