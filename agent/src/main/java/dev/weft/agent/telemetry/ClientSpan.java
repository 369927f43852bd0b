package dev.weft.agent.telemetry;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Endpoint;
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
import java.util.function.BiConsumer;

/** Observes one outbound request: one span over all its attempts, and two metrics. */
final class ClientSpan implements ClientObservation {
  private static final int FIRST_ERROR = 400;

  private final Instruments instruments;
  private final Context context;
  private final Span span;
  private final Asked asked;
  private final long start = System.nanoTime();

  private ClientSpan(Instruments instruments, Context context, Span span, Asked asked) {
    this.instruments = instruments;
    this.context = context;
    this.span = span;
    this.asked = asked;
  }

  /**
   * What is known before the answer.
   *
   * @param method a known one, or {@code _OTHER}
   */
  record Asked(String method, String host, int port) {
    private AttributesBuilder attributes() {
      return Attributes.builder()
          .put(HttpAttributes.HTTP_REQUEST_METHOD, method)
          .put(ServerAttributes.SERVER_ADDRESS, host)
          .put(ServerAttributes.SERVER_PORT, (long) port);
    }

    /** With how it ended. */
    Attributes answered(int status, String error) {
      AttributesBuilder attributes = attributes();
      Semantic.outcome(attributes, status, error);
      return attributes.build();
    }
  }

  static ClientSpan start(Instruments instruments, Context parent, OutboundRequest request) {
    String method = request.method();
    Asked asked = new Asked(Semantic.method(method), request.host(), request.port());
    Span span =
        instruments
            .tracer
            .spanBuilder(Semantic.spanName(method))
            .setParent(parent)
            .setSpanKind(SpanKind.CLIENT)
            .startSpan();
    if (span.isRecording()) { // our samplers need no attributes, and few requests are sampled
      span.setAllAttributes(asked.attributes().build());
      span.setAttribute(UrlAttributes.URL_FULL, url(request));
    }
    return new ClientSpan(instruments, parent.with(span), span, asked);
  }

  private static String url(OutboundRequest request) {
    String port = request.port() == 80 ? "" : ":" + request.port();
    return "http://" + request.host() + port + request.pathAndQuery();
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    instruments.propagate(context, nameAndValue);
  }

  @Override
  public void end(ClientOutcome outcome) {
    int status = outcome.status();
    String error = Semantic.error(status, FIRST_ERROR, outcome.failure());
    if (span.isRecording()) {
      describe(outcome, error);
    }
    span.end();
    instruments.ended(asked, outcome, error, (System.nanoTime() - start) / 1e9, context);
  }

  private void describe(ClientOutcome outcome, String error) {
    AttributesBuilder result = Attributes.builder();
    Semantic.outcome(result, outcome.status(), error);
    span.setAllAttributes(result.build());
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
    }
    if (!error.isEmpty()) {
      span.setStatus(StatusCode.ERROR);
    }
  }
}
