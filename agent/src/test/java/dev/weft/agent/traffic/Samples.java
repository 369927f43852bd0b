package dev.weft.agent.traffic;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Values that the tests of this package share. */
final class Samples {
  static final Log SILENT =
      new Log(LogLevel.ERROR, new PrintStream(OutputStream.nullOutputStream()));

  private Samples() {}

  static Endpoint endpoint(int number) {
    return new Endpoint(
        "10.0.0." + number,
        8080,
        80,
        "pay-" + number,
        "spiffe://cluster.local/ns/default/sa/pay",
        Map.of("version", "v" + number),
        true);
  }

  static Service service(Endpoint... endpoints) {
    return new Service(
        "pay",
        "default",
        List.of("pay", "pay.default.svc.cluster.local"),
        "240.0.0.1",
        List.of(new ServicePort("http", 80, "http")),
        List.of(endpoints),
        List.of());
  }

  static Snapshot snapshot(Service... services) {
    Inbound inbound =
        new Inbound(
            "orders-1",
            "orders",
            "default",
            "spiffe://cluster.local/ns/default/sa/orders",
            Map.of(),
            new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
            Map.of(),
            List.of());
    return new Snapshot(
        "1", "cluster.local", List.of(), inbound, List.of(services), MeshSettings.DEFAULT);
  }

  /** A request to {@code pay}. */
  record Request(String method, Body body, Optional<Duration> timeout, Map<String, String> headers)
      implements OutboundRequest {
    static Request get() {
      return new Request("GET", Body.NONE, Optional.empty(), Map.of());
    }

    static Request post() {
      return new Request("POST", Body.REPLAYABLE, Optional.empty(), Map.of());
    }

    Request within(Duration limit) {
      return new Request(method, body, Optional.of(limit), headers);
    }

    Request with(Body other) {
      return new Request(method, other, timeout, headers);
    }

    Request with(String name, String value) {
      return new Request(method, body, timeout, Map.of(name, value));
    }

    @Override
    public String host() {
      return "pay";
    }

    @Override
    public int port() {
      return 80;
    }

    @Override
    public String pathAndQuery() {
      return "/charge";
    }

    @Override
    public List<String> header(String name) {
      return headers.containsKey(name) ? List.of(headers.get(name)) : List.of();
    }

    @Override
    public void eachHeader(BiConsumer<String, String> nameAndValue) {
      headers.forEach(nameAndValue);
    }

    @Override
    public byte @Nullable [] bytes() {
      return body == Body.REPLAYABLE ? "body".getBytes(StandardCharsets.UTF_8) : null;
    }
  }
}
