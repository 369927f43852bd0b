package dev.weft.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import clients.Failure;
import clients.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** What stories are told with. */
interface Stories {
  /** The header that tells why the mesh answered itself. */
  String REASON = "x-weft-reason";

  /** The run's. */
  World world();

  default Upstream service(String name) {
    return world().service(name);
  }

  /** The first endpoint of a service. */
  default Backend backend(String service) {
    return service(service).first();
  }

  /** Sends a request and does not wait. */
  default Sent start(Request request) throws IOException {
    return world().send(request);
  }

  /** Sends a request and waits for what becomes of it. */
  default Outcome send(Request request) throws IOException, InterruptedException {
    return start(request).outcome();
  }

  default Outcome get(String uri) throws IOException, InterruptedException {
    return send(Request.get(uri));
  }

  /** Sends a request so often, one after the other. */
  default List<Outcome> get(String uri, int times) throws IOException, InterruptedException {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      outcomes.add(get(uri));
    }
    return outcomes;
  }

  /** A URI of a {@linkplain Declarations#directService direct service}. */
  default String direct(String service, String path) {
    return "http://" + service + ":" + backend(service).port() + path;
  }

  /**
   * Sends the same request to a direct service without the agent and then under it.
   *
   * @param request made for a path of that service
   */
  default Twins both(String service, Request request) throws IOException, InterruptedException {
    Backend backend = backend(service);
    int before = backend.received().size();
    Outcome plain = world().sendPlain(request);
    int between = backend.received().size();
    Outcome meshed = send(request);
    List<Received> all = backend.received();
    return new Twins(plain, meshed, all.subList(before, between), all.subList(between, all.size()));
  }

  /**
   * The same request, without the agent and under it.
   *
   * @param plain what the application got without
   * @param plainly what arrived without
   */
  record Twins(Outcome plain, Outcome meshed, List<Received> plainly, List<Received> throughMesh) {
    /** The application got the same: status, headers in order and case, body. */
    Twins areEqual() {
      assertThat(meshed.failures()).isEqualTo(plain.failures());
      assertThat(meshed.status()).isEqualTo(plain.status());
      assertThat(meshed.headers()).isEqualTo(plain.headers());
      assertThat(meshed.protocol()).isEqualTo(plain.protocol());
      assertThat(meshed.uri()).isEqualTo(plain.uri());
      assertThat(meshed.length()).isEqualTo(plain.length());
      assertThat(meshed.digest()).isEqualTo(plain.digest());
      return this;
    }

    /** The application got an error of the same type. */
    Twins failAlike() {
      assertThat(plain.failures()).as("without the agent").isNotEmpty();
      assertThat(failure(meshed)).isEqualTo(failure(plain));
      return this;
    }

    /** The same arrived, byte for byte, but for what continues the trace. */
    Twins arriveAlike() {
      assertThat(heads(throughMesh)).isEqualTo(heads(plainly));
      assertThat(throughMesh.stream().map(Received::text).toList())
          .isEqualTo(plainly.stream().map(Received::text).toList());
      return this;
    }

    private static List<String> heads(List<Received> requests) {
      return requests.stream().map(Received::headWithoutTrace).toList();
    }
  }

  /** What the application caught; empty: nothing. */
  static String failure(Outcome outcome) {
    return outcome.failures().stream().findFirst().map(Failure::type).orElse("");
  }

  /** An answer of the mesh itself. */
  static void assertAnsweredByTheMesh(Outcome outcome, int status, String flag) {
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(status);
    assertThat(outcome.value(REASON)).as("%s", outcome).get().asString().startsWith(flag + ";");
  }

  /** An answer of a backend. */
  static void assertAnsweredBy(String backend, Outcome outcome) {
    assertThat(outcome.failures()).isEmpty();
    assertThat(outcome.text()).isEqualTo(backend);
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.value(REASON)).isEmpty();
  }

  /** Waits until the assertion no longer fails. */
  static void eventually(Assertion assertion) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(assertion::check);
  }

  /** Something that may fail as calls do. */
  interface Assertion {
    void check() throws Exception;
  }
}
