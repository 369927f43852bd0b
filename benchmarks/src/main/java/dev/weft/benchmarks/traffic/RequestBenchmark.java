package dev.weft.benchmarks.traffic;

import dev.weft.agent.balance.Self;
import dev.weft.agent.config.Settings;
import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.SettingsReader;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.agent.traffic.ClientTraffic;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Snapshot;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the mesh adds to one request, from the adapter's question to the outcome: decision, choice
 * of the endpoint, headers, and with telemetry a span and two metrics. What the library and the
 * wire do is not in it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RequestBenchmark {
  private static final OutboundRequest GET = new Get();
  private static final Headers NONE = name -> List.of();
  private static final int OK = 200;
  private static final int ENDPOINTS = 10;

  @Param({"false", "true"})
  public boolean telemetry;

  private @Nullable ClientTraffic traffic;

  /** Publishes a mesh of one service with ten endpoints. */
  @Setup
  public void prepare() throws InterruptedException {
    Log silent = new Log(LogLevel.ERROR, new PrintStream(OutputStream.nullOutputStream()));
    Snapshots snapshots = new Snapshots(silent);
    Settings settings = SettingsReader.read("service=orders", Map.of(), Map.of(), warning -> {});
    Telemetry observing =
        new Telemetry(settings, snapshots, new AgentThreads(new ThreadGroup("weft")), silent);
    traffic = new ClientTraffic(snapshots, Self.UNKNOWN, observing, silent);
    snapshots.publish(new MeshView(snapshot()));
    if (telemetry) {
      observing.start(Optional.empty());
      while (observing.client(GET) == ClientObservation.NONE) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
  }

  /** A request to a host that is none of the mesh's: the baseline. */
  @Benchmark
  public boolean passes() {
    ClientTraffic mesh = traffic;
    return mesh != null && mesh.knows("elsewhere.example.com");
  }

  /** A request that its first endpoint answers. */
  @Benchmark
  public ClientExchange request() {
    ClientTraffic mesh = traffic;
    ClientExchange exchange = mesh == null ? null : mesh.begin("benchmark", GET);
    if (exchange == null) {
      throw new IllegalStateException("the mesh does not know the host");
    }
    exchange.responded((Attempt) exchange.first(), OK, NONE);
    exchange.end(null);
    return exchange;
  }

  private static Snapshot snapshot() {
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
        "1",
        "cluster.local",
        List.of(),
        inbound,
        List.of(Pay.withEndpoints(ENDPOINTS)),
        MeshSettings.DEFAULT);
  }

  private record Get() implements OutboundRequest {
    @Override
    public String method() {
      return "GET";
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
      return "/charge?id=4711";
    }

    @Override
    public List<String> header(String name) {
      return List.of();
    }

    @Override
    public void eachHeader(BiConsumer<String, String> nameAndValue) {}

    @Override
    public Body body() {
      return Body.NONE;
    }

    @Override
    public byte @Nullable [] bytes() {
      return null;
    }

    @Override
    public Optional<Duration> timeout() {
      return Optional.empty();
    }
  }
}
