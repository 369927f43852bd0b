package dev.weft.server.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Every connection is mutual TLS, and both ends of each hop have seen the other's identity: the
 * client that of the server on its outbound connections, the server that of the client on its
 * inbound ones. The servers' {@code istio_requests_total} must say the same of every request.
 */
public final class MutualTlsCheck implements Check {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String IDENTITY = "spiffe://cluster.local/ns/default/sa/";
  private static final List<Hop> HOPS =
      List.of(new Hop("client", "web"), new Hop("web", "orders"), new Hop("orders", "pay"));

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    ServerApi api = shop.mesh().api();
    Seen seen = Wait.until(PATIENCE, () -> look(api), Seen::complete);
    List<Row> rows = new ArrayList<>();
    HOPS.forEach(hop -> rows.add(seen.row(hop)));
    rows.add(seen.noPlaintext());
    return rows;
  }

  private record Hop(String client, String server) {}

  /** What one end counts; {@code peer} is a SPIFFE ID, or {@code plaintext}. */
  private record Connections(
      String service, String direction, String peer, boolean mutualTls, long count) {}

  /** What one end says about requests. */
  private record Requests(String reporter, String source, String destination, String security) {}

  private record Seen(List<Connections> connections, List<Requests> requests) {
    boolean complete() {
      return HOPS.stream().allMatch(hop -> row(hop).held());
    }

    Row row(Hop hop) {
      long atClient = count(hop.client(), "outbound", hop.server());
      long atServer = count(hop.server(), "inbound", hop.client());
      boolean requestsToo =
          requests.stream()
              .anyMatch(
                  one ->
                      one.reporter().equals("destination")
                          && one.source().endsWith("/sa/" + hop.client())
                          && one.destination().endsWith("/sa/" + hop.server())
                          && one.security().equals("mutual_tls"));
      String observed =
          String.format(
              "%s saw sa/%s on %d connections, %s saw sa/%s on %d; requests by both names: %s",
              hop.client(),
              hop.server(),
              atClient,
              hop.server(),
              hop.client(),
              atServer,
              requestsToo ? "mutual_tls" : "none");
      return new Row(
          "mutual TLS " + hop.client() + " -> " + hop.server(),
          observed,
          atClient > 0 && atServer > 0 && requestsToo);
    }

    Row noPlaintext() {
      long all = connections.stream().mapToLong(Connections::count).sum();
      long plaintext =
          connections.stream().filter(one -> !one.mutualTls()).mapToLong(Connections::count).sum();
      Set<String> policies = new TreeSet<>();
      requests.stream()
          .filter(one -> one.reporter().equals("destination"))
          .forEach(one -> policies.add(one.security()));
      return new Row(
          "no plaintext anywhere",
          plaintext
              + " of "
              + all
              + " connections in plaintext; servers say of their requests: "
              + policies,
          all > 0 && plaintext == 0 && policies.equals(Set.of("mutual_tls")));
    }

    private long count(String service, String direction, String peer) {
      return connections.stream()
          .filter(
              one ->
                  one.service().equals(service)
                      && one.direction().equals(direction)
                      && one.peer().equals(IDENTITY + peer)
                      && one.mutualTls())
          .mapToLong(Connections::count)
          .sum();
    }
  }

  private static Seen look(ServerApi api) throws IOException, InterruptedException {
    List<Connections> connections = new ArrayList<>();
    for (JsonNode workload : api.get("/v1/connections").path("workloads")) {
      for (JsonNode row : workload.path("connections")) {
        connections.add(
            new Connections(
                workload.path("service").asString(""),
                row.path("direction").asString(""),
                row.path("peer").asString(""),
                row.path("mtls").asBoolean(false),
                row.path("count").asLong(0)));
      }
    }
    List<Requests> requests = new ArrayList<>();
    for (JsonNode one : api.get("/v1/metrics/query?name=istio_requests_total").path("series")) {
      TreeMap<String, String> labels = new TreeMap<>();
      one.path("labels")
          .properties()
          .forEach(l -> labels.put(l.getKey(), l.getValue().asString("")));
      requests.add(
          new Requests(
              labels.getOrDefault("reporter", ""),
              labels.getOrDefault("source_principal", ""),
              labels.getOrDefault("destination_principal", ""),
              labels.getOrDefault("connection_security_policy", "")));
    }
    return new Seen(connections, requests);
  }
}
