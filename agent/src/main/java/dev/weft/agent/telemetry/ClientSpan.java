package dev.weft.agent.telemetry;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.semconv.HttpAttributes;
import io.opentelemetry.semconv.NetworkAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.UrlAttributes;
import java.util.Map;

/** Observes one outbound request: one span over all its attempts, and two metrics. */
final class ClientSpan implements ClientObservation {
  private static final int FIRST_ERROR = 400;

  private final Instruments instruments;
  private final Context context;
  private final Span span;
  private final Attributes common;
  private final long start = System.nanoTime();

  private ClientSpan(Instruments instruments, Context context, Span span, Attributes common) {
    this.instruments = instruments;
    this.context = context;
    this.span = span;
    this.common = common;
  }

  static ClientSpan start(Instruments instruments, Context parent, OutboundRequest request) {
    String method = request.method();
    Attributes common =
        Attributes.builder()
            .put(HttpAttributes.HTTP_REQUEST_METHOD, Semantic.method(method))
            .put(ServerAttributes.SERVER_ADDRESS, request.host())
            .put(ServerAttributes.SERVER_PORT, (long) request.port())
            .build();
    Span span =
        instruments
            .tracer
            .spanBuilder(Semantic.spanName(method))
            .setParent(parent)
            .setSpanKind(SpanKind.CLIENT)
            .setAllAttributes(common)
            .setAttribute(UrlAttributes.URL_FULL, url(request))
            .startSpan();
    return new ClientSpan(instruments, parent.with(span), span, common);
  }

  private static String url(OutboundRequest request) {
    String port = request.port() == 80 ? "" : ":" + request.port();
    return "http://" + request.host() + port + request.pathAndQuery();
  }

  @Override
  public Map<String, String> headers() {
    return instruments.propagated(context);
  }

  @Override
  public void end(ClientOutcome outcome) {
    AttributesBuilder result = Attributes.builder();
    Semantic.outcome(result, outcome.status(), FIRST_ERROR, outcome.failure());
    Attributes known = result.build();
    if (span.isRecording()) {
      describe(outcome, known);
    }
    span.end();
    instruments.clientDuration.record(
        (System.nanoTime() - start) / 1e9, common.toBuilder().putAll(known).build(), context);
    instruments.istioRequests.add(1, labels(outcome), context);
  }

  private void describe(ClientOutcome outcome, Attributes known) {
    span.setAllAttributes(known);
    span.setAttribute(Semantic.RULE, outcome.rule());
    if (outcome.resends() > 0) {
      span.setAttribute(HttpAttributes.HTTP_REQUEST_RESEND_COUNT, (long) outcome.resends());
    }
    Endpoint endpoint = outcome.endpoint();
    if (endpoint != null) {
      span.setAttribute(NetworkAttributes.NETWORK_PEER_ADDRESS, endpoint.address());
      span.setAttribute(NetworkAttributes.NETWORK_PEER_PORT, (long) endpoint.port());
      if (endpoint.mesh()) {
        span.setAttribute(Semantic.PEER_ID, endpoint.spiffeId());
      }
    }
    if (outcome.failure() != null) {
      span.recordException(outcome.failure());
      span.setStatus(StatusCode.ERROR);
    } else if (outcome.status() >= FIRST_ERROR) {
      span.setStatus(StatusCode.ERROR);
    }
  }

  private Attributes labels(ClientOutcome outcome) {
    Service service = outcome.service();
    Endpoint endpoint = outcome.endpoint();
    String host = common.get(ServerAttributes.SERVER_ADDRESS);
    String called = host == null ? Party.UNKNOWN : host;
    return IstioLabels.of(
        "source",
        instruments.self(),
        service == null || endpoint == null ? Party.none() : Party.of(service, endpoint),
        service == null || service.hosts().isEmpty()
            ? called
            : service.hosts().get(service.hosts().size() - 1),
        service == null ? called : service.name(),
        service == null ? Party.UNKNOWN : service.namespace(),
        outcome.status(),
        outcome.flags(),
        "unknown");
  }
}
