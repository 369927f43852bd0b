package dev.weft.server.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** One trace holds a span of each end of each hop, each the parent of the next. */
public final class TraceCheck implements Check {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** From the outermost to the innermost. */
  private static final List<String> CHAIN =
      List.of(
          "client CLIENT",
          "web SERVER",
          "web CLIENT",
          "orders SERVER",
          "orders CLIENT",
          "pay SERVER");

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    ServerApi api = shop.mesh().api();
    shop.client().get(Shop.WEB);
    Optional<String> whole = Wait.until(PATIENCE, () -> wholeTrace(api), Optional::isPresent);
    return List.of(
        new Row(
            "one trace spans all three services",
            whole
                .map(id -> "trace " + id + ": " + String.join(" > ", CHAIN))
                .orElse("no trace holds " + String.join(" > ", CHAIN)),
            whole.isPresent()));
  }

  private record Span(String id, String parent, String what) {}

  private static Optional<String> wholeTrace(ServerApi api)
      throws IOException, InterruptedException {
    for (JsonNode trace : api.get("/v1/traces?limit=50").path("traces")) {
      List<Span> spans = new ArrayList<>();
      for (JsonNode span : trace.path("spans")) {
        spans.add(
            new Span(
                span.path("spanId").asString(""),
                span.path("parentSpanId").asString(""),
                span.path("service").asString("") + " " + span.path("kind").asString("")));
      }
      if (holdsChain(spans)) {
        return Optional.of(trace.path("traceId").asString(""));
      }
    }
    return Optional.empty();
  }

  private static boolean holdsChain(List<Span> spans) {
    Map<String, Span> byId = new HashMap<>();
    spans.forEach(span -> byId.put(span.id(), span));
    return spans.stream()
        .filter(span -> span.what().equals(CHAIN.get(CHAIN.size() - 1)))
        .anyMatch(span -> reachesTheTop(span, byId));
  }

  private static boolean reachesTheTop(Span innermost, Map<String, Span> byId) {
    Span span = innermost;
    for (int i = CHAIN.size() - 1; i >= 0; i--) {
      if (span == null || !span.what().equals(CHAIN.get(i))) {
        return false;
      }
      span = byId.get(span.parent());
    }
    return true;
  }
}
