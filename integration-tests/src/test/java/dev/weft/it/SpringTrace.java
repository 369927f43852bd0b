package dev.weft.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A trace as the config server has it.
 *
 * @param spans by ID
 */
record SpringTrace(Map<String, JsonNode> spans) {
  /** The spans that have arrived; none: the trace is not known. */
  static SpringTrace of(SpringMesh spring, String id) throws IOException, InterruptedException {
    Map<String, JsonNode> spans = new HashMap<>();
    for (JsonNode trace : spring.traces()) {
      if (trace.path("traceId").asString().equals(id)) {
        trace.path("spans").forEach(span -> spans.put(span.path("spanId").asString(), span));
      }
    }
    return new SpringTrace(spans);
  }

  /**
   * The way up from the server that a client's span has reached: service and kind of each.
   *
   * @param client ID of the client's span
   */
  List<String> upwards(String client) {
    List<String> way = new ArrayList<>();
    spans.values().stream()
        .filter(span -> span.path("parentSpanId").asString("").equals(client))
        .forEach(server -> way.add(what(server)));
    for (JsonNode span = spans.get(client);
        span != null;
        span = spans.get(span.path("parentSpanId").asString(""))) {
      way.add(what(span));
    }
    return way;
  }

  private static String what(JsonNode span) {
    return span.path("service").asString("") + " " + span.path("kind").asString("");
  }
}
