package dev.weft.agent.telemetry;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.ServerExchange.Scope;
import dev.weft.policy.Peer;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
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
  private final Attributes common;
  private final long start = System.nanoTime();

  private ServerSpan(
      Instruments instruments, Context context, Span span, Peer peer, Attributes common) {
    this.instruments = instruments;
    this.context = context;
    this.span = span;
    this.peer = peer;
    this.common = common;
  }

  static ServerSpan start(
      Instruments instruments,
      Context caller,
      InboundRequest request,
      String host,
      Peer peer,
      String rule) {
    String method = request.method();
    Attributes common =
        Attributes.builder()
            .put(HttpAttributes.HTTP_REQUEST_METHOD, Semantic.method(method))
            .put(UrlAttributes.URL_SCHEME, "http")
            .build();
    SpanBuilder builder =
        instruments
            .tracer
            .spanBuilder(Semantic.spanName(method))
            .setParent(caller)
            .setSpanKind(SpanKind.SERVER)
            .setAllAttributes(common)
            .setAttribute(UrlAttributes.URL_PATH, request.path())
            .setAttribute(ServerAttributes.SERVER_PORT, (long) request.local().getPort())
            .setAttribute(Semantic.RULE, rule);
    if (!host.isEmpty()) {
      builder.setAttribute(ServerAttributes.SERVER_ADDRESS, host);
    }
    InetSocketAddress remote = request.remote();
    builder.setAttribute(ClientAttributes.CLIENT_ADDRESS, remote.getHostString());
    builder.setAttribute(NetworkAttributes.NETWORK_PEER_ADDRESS, remote.getHostString());
    builder.setAttribute(NetworkAttributes.NETWORK_PEER_PORT, (long) remote.getPort());
    List<String> agent = request.header("User-Agent");
    if (!agent.isEmpty()) {
      builder.setAttribute(UserAgentAttributes.USER_AGENT_ORIGINAL, agent.get(0));
    }
    peer.spiffeId().ifPresent(id -> builder.setAttribute(Semantic.PEER_ID, id.toString()));
    Span span = builder.startSpan();
    return new ServerSpan(instruments, caller.with(span), span, peer, common);
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // handed on: the adapter closes ours, and so this one
  public Scope attach() {
    io.opentelemetry.context.Scope scope = context.makeCurrent();
    return scope::close;
  }

  @Override
  public void end(int status, String flags, @Nullable Throwable failure) {
    AttributesBuilder result = Attributes.builder();
    Semantic.outcome(result, status, FIRST_ERROR, failure);
    Attributes known = result.build();
    span.setAllAttributes(known);
    if (failure != null) {
      span.recordException(failure);
    }
    if (failure != null || status >= FIRST_ERROR) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
    instruments.serverDuration.record(
        (System.nanoTime() - start) / 1e9, common.toBuilder().putAll(known).build(), context);
    instruments.istioRequests.add(1, labels(status, flags), context);
  }

  private Attributes labels(int status, String flags) {
    Party self = instruments.self();
    String service = instruments.service().isEmpty() ? Party.UNKNOWN : instruments.service();
    return IstioLabels.of(
        "destination",
        Party.of(peer),
        self,
        service + "." + self.namespace() + ".svc.cluster.local",
        service,
        self.namespace(),
        status,
        flags,
        peer.spiffeId().isPresent() ? "mutual_tls" : "none");
  }
}
