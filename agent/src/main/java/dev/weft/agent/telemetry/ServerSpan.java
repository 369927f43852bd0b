package dev.weft.agent.telemetry;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.ServerExchange.Scope;
import dev.weft.policy.Peer;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.semconv.ClientAttributes;
import io.opentelemetry.semconv.HttpAttributes;
import io.opentelemetry.semconv.NetworkAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.UrlAttributes;
import io.opentelemetry.semconv.UserAgentAttributes;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Observes one inbound request: its span and two metrics. */
final class ServerSpan implements ServerObservation {
  private static final int FIRST_ERROR = 500;

  private final Instruments instruments;
  private final Context context;
  private final Span span;
  private final Peer peer;
  private final String method;
  private final long start = System.nanoTime();

  private ServerSpan(
      Instruments instruments, Context context, Span span, Peer peer, String method) {
    this.instruments = instruments;
    this.context = context;
    this.span = span;
    this.peer = peer;
    this.method = method;
  }

  /**
   * Requests that are counted together.
   *
   * @param method a known one, or {@code _OTHER}
   */
  record Answered(String method, int status, String error) implements KnownAttributes.Key {
    @Override
    public Attributes attributes() {
      AttributesBuilder attributes = common(method);
      Semantic.outcome(attributes, status, error);
      return attributes.build();
    }
  }

  private static AttributesBuilder common(String method) {
    return Attributes.builder()
        .put(HttpAttributes.HTTP_REQUEST_METHOD, method)
        .put(UrlAttributes.URL_SCHEME, "http");
  }

  static ServerSpan start(
      Instruments instruments,
      Context caller,
      InboundRequest request,
      String host,
      Peer peer,
      String rule) {
    String method = Semantic.method(request.method());
    Span span =
        instruments
            .tracer
            .spanBuilder(Semantic.spanName(request.method()))
            .setParent(caller)
            .setSpanKind(SpanKind.SERVER)
            .startSpan();
    if (span.isRecording()) { // our samplers need no attributes, and few requests are sampled
      describe(span, request, method, host, peer, rule);
    }
    return new ServerSpan(instruments, caller.with(span), span, peer, method);
  }

  private static void describe(
      Span span, InboundRequest request, String method, String host, Peer peer, String rule) {
    span.setAllAttributes(common(method).build());
    span.setAttribute(UrlAttributes.URL_PATH, request.path());
    span.setAttribute(ServerAttributes.SERVER_PORT, (long) request.local().getPort());
    span.setAttribute(Semantic.RULE, rule);
    if (!host.isEmpty()) {
      span.setAttribute(ServerAttributes.SERVER_ADDRESS, host);
    }
    InetSocketAddress remote = request.remote();
    span.setAttribute(ClientAttributes.CLIENT_ADDRESS, remote.getHostString());
    span.setAttribute(NetworkAttributes.NETWORK_PEER_ADDRESS, remote.getHostString());
    span.setAttribute(NetworkAttributes.NETWORK_PEER_PORT, (long) remote.getPort());
    List<String> agent = request.header("User-Agent");
    if (!agent.isEmpty()) {
      span.setAttribute(UserAgentAttributes.USER_AGENT_ORIGINAL, agent.get(0));
    }
    peer.spiffeId().ifPresent(id -> span.setAttribute(Semantic.PEER_ID, id.toString()));
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // handed on: the adapter closes ours, and so this one
  public Scope attach() {
    io.opentelemetry.context.Scope scope = context.makeCurrent();
    return scope::close;
  }

  @Override
  public void end(int status, String flags, @Nullable Throwable failure) {
    String error = Semantic.error(status, FIRST_ERROR, failure);
    if (span.isRecording()) {
      describe(status, error, failure);
    }
    span.end();
    instruments.answered(
        new Answered(method, status, error), (System.nanoTime() - start) / 1e9, context);
    instruments.counted(
        IstioLabels.received(instruments.self(), instruments.service(), peer, flags),
        status,
        context);
  }

  private void describe(int status, String error, @Nullable Throwable failure) {
    AttributesBuilder result = Attributes.builder();
    Semantic.outcome(result, status, error);
    span.setAllAttributes(result.build());
    if (failure != null) {
      span.recordException(failure);
    }
    if (!error.isEmpty()) {
      span.setStatus(StatusCode.ERROR);
    }
  }
}
