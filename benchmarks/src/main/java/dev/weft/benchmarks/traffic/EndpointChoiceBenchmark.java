package dev.weft.benchmarks.traffic;

import dev.weft.agent.balance.EjectionListener;
import dev.weft.agent.balance.EndpointChoice;
import dev.weft.agent.balance.Outcome;
import dev.weft.agent.balance.Picked;
import dev.weft.agent.balance.Self;
import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RouteActions;
import dev.weft.policy.Service;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.HashSource;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
 * One attempt's choice, outcome and end, with outlier detection, by each algorithm; the cost shall
 * not grow with the number of endpoints.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EndpointChoiceBenchmark {
  private static final Duration LATENCY = Duration.ofMillis(5);
  private static final Outcome OK = new Outcome.Response(200);
  private static final Call CALL = new User("user-4711");

  @Param({"10", "1000", "10000"})
  public int endpoints = 10;

  @Param public Algorithm algorithm = Algorithm.PEAK_EWMA;

  private final EndpointChoice choice =
      new EndpointChoice(System::nanoTime, InstantSource.system(), Self.UNKNOWN, new Unheard());
  private Decision.Forward forward = forward(1, Algorithm.PEAK_EWMA);

  @Setup
  public void prepare() {
    forward = forward(endpoints, algorithm);
  }

  /** A choice of which the application gets an answer. */
  @Benchmark
  public @Nullable Picked choice() {
    Picked picked =
        choice.choose(forward, MeshSettings.DEFAULT, CALL, Set.of(), ThreadLocalRandom.current());
    if (picked != null) {
      choice.outcome(picked, OK, LATENCY);
      choice.finished(picked);
    }
    return picked;
  }

  private static Decision.Forward forward(int count, Algorithm algorithm) {
    Service service = Pay.withEndpoints(count);
    return new Decision.Forward(
        "no-route",
        service,
        service.endpoints(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        new Decision.Delivery(
            "default/pay", RouteActions.NONE, List.of(policy(algorithm)), List.of()));
  }

  private static TrafficPolicy policy(Algorithm algorithm) {
    LoadBalancing balancing =
        new LoadBalancing(
            algorithm,
            Optional.of(
                new HashKey(HashSource.HEADER, "x-user", Optional.empty(), Optional.empty())),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    OutlierDetection outliers =
        new OutlierDetection(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return new TrafficPolicy(
        "DestinationRule default/pay",
        List.of(),
        Optional.of(balancing),
        Optional.empty(),
        Optional.of(outliers),
        Optional.empty(),
        Optional.empty());
  }

  private record User(String name) implements Call {
    @Override
    public String host() {
      return "pay";
    }

    @Override
    public int port() {
      return 80;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String pathAndQuery() {
      return "/charge";
    }

    @Override
    public List<String> header(String header) {
      return header.equals("x-user") ? List.of(name) : List.of();
    }
  }

  /** Nothing fails here. */
  private record Unheard() implements EjectionListener {
    @Override
    public void ejected(String service, Endpoint endpoint, String reason, Duration time) {}

    @Override
    public void returned(String service, Endpoint endpoint) {}
  }
}
