package dev.weft.server.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Every request came over mutual TLS, and for each hop both ends tell the same two identities. Read
 * from {@code istio_requests_total}, which both ends count.
 */
public final class MutualTlsCheck implements Check {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PRINCIPAL = "spiffe://cluster.local/ns/default/sa/";
  private static final List<Map.Entry<String, String>> HOPS =
      List.of(Map.entry("client", "web"), Map.entry("web", "orders"), Map.entry("orders", "pay"));

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    ServerApi api = shop.mesh().api();
    List<Series> series =
        Wait.until(
            PATIENCE, () -> requests(api), seen -> HOPS.stream().allMatch(h -> both(seen, h)));
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, String> hop : HOPS) {
      rows.add(
          new Row(
              hop.getKey() + " -> " + hop.getValue() + ": mutual TLS",
              ends(series, hop),
              both(series, hop)));
    }
    Set<String> policies = new TreeSet<>();
    series.forEach(one -> policies.add(one.security()));
    rows.add(
        new Row(
            "no plaintext anywhere",
            "connection_security_policy of "
                + series.size()
                + " series of istio_requests_total: "
                + policies,
            policies.equals(Set.of("mutual_tls"))));
    return rows;
  }

  private record Series(String reporter, String source, String destination, String security) {}

  private static List<Series> requests(ServerApi api) throws IOException, InterruptedException {
    List<Series> series = new ArrayList<>();
    JsonNode metrics = api.get("/v1/metrics/query?name=istio_requests_total");
    for (JsonNode one : metrics.path("series")) {
      JsonNode labels = one.path("labels");
      series.add(
          new Series(
              labels.path("reporter").asString(""),
              labels.path("source_principal").asString(""),
              labels.path("destination_principal").asString(""),
              labels.path("connection_security_policy").asString("")));
    }
    return series;
  }

  private static boolean both(List<Series> series, Map.Entry<String, String> hop) {
    return has(series, hop, "source") && has(series, hop, "destination");
  }

  private static boolean has(List<Series> series, Map.Entry<String, String> hop, String reporter) {
    return series.stream()
        .anyMatch(
            one ->
                one.reporter().equals(reporter)
                    && one.source().equals(PRINCIPAL + hop.getKey())
                    && one.destination().equals(PRINCIPAL + hop.getValue())
                    && one.security().equals("mutual_tls"));
  }

  private static String ends(List<Series> series, Map.Entry<String, String> hop) {
    return "sa/"
        + hop.getKey()
        + " and sa/"
        + hop.getValue()
        + " seen by the client: "
        + (has(series, hop, "source") ? "yes" : "no")
        + ", by the server: "
        + (has(series, hop, "destination") ? "yes" : "no");
  }
}
