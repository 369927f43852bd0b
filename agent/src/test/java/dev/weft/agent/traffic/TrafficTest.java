package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.service;
import static dev.weft.agent.traffic.Samples.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.access.AccessGate;
import dev.weft.agent.balance.Self;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.telemetry.TelemetryOff;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.ServedRequest;
import dev.weft.instrumentation.ServerExchange;
import dev.weft.policy.Peer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private final Snapshots snapshots = new Snapshots(Samples.SILENT);

  private ClientTraffic client() {
    return new ClientTraffic(snapshots, Self.UNKNOWN, TelemetryOff.telemetry(), Samples.SILENT);
  }

  private ServerTraffic server(OnFailure onFailure) {
    return new ServerTraffic(
        snapshots,
        (remote, port) -> Peer.PLAINTEXT,
        new AccessGate(onFailure),
        TelemetryOff.telemetry(),
        Samples.SILENT);
  }

  private record Received() implements InboundRequest {
    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/";
    }

    @Override
    public String query() {
      return "";
    }

    @Override
    public boolean replaceHeader(String name, String value) {
      return true;
    }

    @Override
    public String authority() {
      return "orders:80";
    }

    @Override
    public List<String> header(String name) {
      return List.of();
    }

    @Override
    public InetSocketAddress remote() {
      return new InetSocketAddress("127.0.0.1", 40000);
    }

    @Override
    public InetSocketAddress local() {
      return new InetSocketAddress("127.0.0.1", 8080);
    }
  }

  @Test
  void knowsNoHostBeforeTheFirstSnapshot() {
    ClientTraffic client = client();

    assertThat(client.knows("pay")).isFalse();
    assertThat(client.begin("test", Samples.Request.get())).isNull();
  }

  @Test
  void forwardsCallsToServicesOfTheSnapshot() {
    ClientTraffic client = client();
    snapshots.publish(new MeshView(snapshot(service(endpoint(1)))));

    assertThat(client.knows("PAY")).isTrue();
    assertThat(client.knows("example.org")).isFalse();
    ClientExchange exchange = client.begin("test", Samples.Request.get());
    assertThat(exchange).isNotNull();
    assertThat(exchange.first()).isInstanceOf(Attempt.class);
  }

  @Test
  void whatAThreadServesCanBeHandedToAnother() {
    ClientTraffic client = client();
    Deadline deadline = Deadline.in(Optional.of(Duration.ofSeconds(5)), 0);
    ServedRequest served;
    try (ServerExchange.Scope scope = Deadlines.attach(deadline, () -> {})) {
      served = client.served();
    }

    assertThat(client.served()).isNull();
    try (ServerExchange.Scope scope = served.attach()) {
      assertThat(Deadlines.current()).isEqualTo(deadline);
    }
    assertThat(Deadlines.current()).isEqualTo(Deadline.NONE);
  }

  @Test
  void leavesTheAgentsOwnThreadsAlone() {
    ClientTraffic client =
        new ClientTraffic(
            snapshots,
            Self.UNKNOWN,
            TelemetryOff.telemetry(),
            Samples.SILENT,
            System::nanoTime,
            null,
            () -> true);
    snapshots.publish(new MeshView(snapshot(service(endpoint(1)))));

    assertThat(client.begin("test", Samples.Request.get())).isNull();
  }

  @Test
  void aThreadIsNotTheAgentsByItsNameAlone() throws Exception {
    ClientTraffic client = client();
    snapshots.publish(new MeshView(snapshot(service(endpoint(1)))));
    List<ClientExchange> begun = new CopyOnWriteArrayList<>();
    Thread named =
        new Thread(
            () -> begun.add(client.begin("test", Samples.Request.get())), "weft-telemetry-sender");
    named.start();
    named.join();

    assertThat(begun).singleElement().isNotNull();
  }

  @Test
  void refusesBeforeTheFirstSnapshotWhenFailingClosed() {
    ServerExchange exchange = server(OnFailure.CLOSED).begin("test", new Received());

    assertThat(exchange.refusal()).isNotNull();
    assertThat(exchange.refusal().status()).isEqualTo(403);
    assertThat(exchange.refusal().reasonValue()).isEqualTo("UAEX; no-snapshot");
  }

  @Test
  void letsInBeforeTheFirstSnapshotWhenFailingOpen() {
    assertThat(server(OnFailure.OPEN).begin("test", new Received()).refusal()).isNull();
  }

  @Test
  void letsInWhatNoPolicyForbids() {
    snapshots.publish(new MeshView(snapshot()));

    assertThat(server(OnFailure.CLOSED).begin("test", new Received()).refusal()).isNull();
  }

  @Test
  void coversASocketAsLongAsItsServerListens() {
    ServerTraffic server = server(OnFailure.CLOSED);
    InetSocketAddress one = new InetSocketAddress("127.0.0.1", 8080);
    InetSocketAddress other = new InetSocketAddress("127.0.0.2", 8080);
    server.covers(one, "test");
    assertThat(server.coveredBy(one)).isEqualTo("test");
    assertThat(server.coveredBy(other)).isNull();

    server.uncovers(one, "test");
    assertThat(server.coveredBy(one)).isNull();

    server.covers(new InetSocketAddress(8080), "any");
    assertThat(server.coveredBy(one)).isEqualTo("any");
    assertThat(server.coveredBy(other)).isEqualTo("any");
  }

  @Test
  void itsOwnHealthCheckMayAskWhatNobodyElseMay() {
    ServerTraffic server = server(OnFailure.CLOSED);

    assertThat(server.begin("test", new Received()).refusal()).isNotNull();
    server.leavesAlone(new InetSocketAddress("127.0.0.1", 40000)::equals);
    assertThat(server.begin("test", new Received()).refusal()).isNull();
    server.leavesAlone(new InetSocketAddress("127.0.0.1", 40001)::equals);
    assertThat(server.begin("test", new Received()).refusal()).isNotNull();
  }

  @Test
  void responsesEndTheirConnectionsOnceTheWorkloadDrains() {
    ServerTraffic server = server(OnFailure.OPEN);

    assertThat(server.begin("test", new Received()).last()).isFalse();
    server.drain();
    assertThat(server.begin("test", new Received()).last()).isTrue();
  }

  @Test
  void aRequestIsInFlightFromItsBeginToItsFirstEnd() {
    ServerTraffic server = server(OnFailure.OPEN);
    ServerExchange one = server.begin("test", new Received());
    ServerExchange other = server.begin("test", new Received());

    assertThat(server.inFlight()).isEqualTo(2);
    one.end(200, null);
    one.end(500, null);
    assertThat(server.inFlight()).isEqualTo(1);
    other.end(0, new IllegalStateException());
    assertThat(server.inFlight()).isZero();
  }
}
