package dev.weft.benchmarks.traffic;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The service that the benchmarks call. */
final class Pay {
  private Pay() {}

  /** With so many endpoints, all in the mesh. */
  static Service withEndpoints(int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      endpoints.add(
          new Endpoint(
              "10.1." + i / 256 + "." + i % 256,
              8080,
              80,
              "pay-" + i,
              "spiffe://cluster.local/ns/default/sa/pay",
              Map.of("app", "pay"),
              true));
    }
    return new Service(
        "pay",
        "default",
        List.of("pay"),
        "",
        List.of(new ServicePort("http", 80, "http")),
        List.copyOf(endpoints),
        List.of());
  }
}
