package dev.weft.benchmarks.policy;

import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Route;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Router;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import dev.weft.policy.WeightedBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
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
 * One routing decision: the last of the routes of a service, in a mesh of a given size. The mesh of
 * one service is the baseline; the cost shall not grow with the mesh.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouterBenchmark {
  private static final int ROUTES = 50;
  private static final int ENDPOINTS = 10;

  @Param({"1", "100", "1000"})
  public int services = 1;

  private Router router = new Router(snapshot(1));
  private final RandomGenerator dice = new SplittableRandom(7);
  private final Call inMesh = new FixedCall("service-0", "/path/49/x");
  private final Call outside = new FixedCall("www.example.com", "/");

  @Setup
  public void compile() {
    router = new Router(snapshot(services));
  }

  @Benchmark
  public Decision routed() {
    return router.decide(inMesh, dice);
  }

  @Benchmark
  public Decision outsideTheMesh() {
    return router.decide(outside, dice);
  }

  private static Snapshot snapshot(int services) {
    List<Service> all = new ArrayList<>();
    for (int i = 0; i < services; i++) {
      all.add(service("service-" + i, i));
    }
    Inbound inbound =
        new Inbound(
            "web-1",
            "web",
            "default",
            "spiffe://cluster.local/ns/default/sa/web",
            Map.of(),
            new Inbound.Mtls(MtlsMode.STRICT, "default"),
            Map.of(),
            List.of());
    return new Snapshot("1", "cluster.local", List.of(), inbound, all, MeshSettings.DEFAULT);
  }

  private static Service service(String name, int number) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      endpoints.add(
          new Endpoint(
              "10." + (number >> 8) + "." + (number & 255) + "." + (i + 1),
              8080,
              80,
              name + "-" + i,
              "spiffe://cluster.local/ns/default/sa/" + name,
              Map.of(),
              true));
    }
    List<RouteRule> rules = new ArrayList<>();
    for (int i = 0; i < ROUTES; i++) {
      RouteMatch match =
          new RouteMatch(
              Optional.of(new PathMatch(PathKind.PREFIX, "/path/" + i)),
              Optional.empty(),
              List.of(),
              List.of());
      rules.add(
          new RouteRule(
              "rule-" + i,
              List.of(match),
              List.of(),
              List.of(),
              List.of(
                  new WeightedBackend(
                      "default/" + name, 80, 1, Map.of(), "", List.of(), List.of())),
              Optional.empty(),
              Optional.empty()));
    }
    return new Service(
        name,
        "default",
        List.of(name, name + ".default", name + ".default.svc"),
        "240.0." + (number >> 8) + "." + (number & 255),
        List.of(new ServicePort("http", 80, "http")),
        endpoints,
        List.of(new Route("HTTPRoute default/" + name, List.of(), rules)));
  }

  private record FixedCall(String host, String pathAndQuery) implements Call {
    @Override
    public int port() {
      return 80;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public List<String> header(String name) {
      return List.of();
    }
  }
}
