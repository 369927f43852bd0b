package dev.weft.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.HealthCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthProbeTest {
  private final OwnProbes probes = new OwnProbes();
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> known = new LinkedBlockingQueue<>();
  private final BlockingQueue<InetSocketAddress> peers = new LinkedBlockingQueue<>();
  private ServerSocket server;
  private volatile String answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  @BeforeEach
  void serve() throws IOException {
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::accept, "test-application");
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket peer = server.accept();
        InetSocketAddress remote = (InetSocketAddress) peer.getRemoteSocketAddress();
        known.add(probes.from(remote));
        peers.add(remote);
        new Thread(() -> serve(peer), "test-request").start();
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(Socket peer) {
    try (peer) {
      InputStream in = peer.getInputStream();
      StringBuilder request = new StringBuilder();
      while (!request.toString().endsWith("\r\n\r\n")) {
        int c = in.read();
        if (c < 0) {
          return;
        }
        request.append((char) c);
      }
      requests.add(request.toString());
      peer.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      if (answer.isEmpty()) {
        in.read(); // until the probe gives up
      }
    } catch (IOException gone) {
      // the probe has seen enough
    }
  }

  private Optional<String> ask(String path) {
    return new HealthProbe(new HealthCheck("localhost", server.getLocalPort(), path), probes).ask();
  }

  @Test
  void asksForThePathAsAClientThatDoesNotStay() throws Exception {
    assertThat(ask("/healthz?deep=1")).isEmpty();

    assertThat(requests.poll(10, TimeUnit.SECONDS))
        .startsWith("GET /healthz?deep=1 HTTP/1.1\r\nHost: localhost:" + server.getLocalPort())
        .contains("\r\nConnection: close\r\n");
  }

  @Test
  void itsEndIsKnownWhileItIsConnectedAndNoLonger() throws Exception {
    assertThat(ask("/")).isEmpty();

    assertThat(known.poll(10, TimeUnit.SECONDS)).isTrue();
    assertThat(probes.from(peers.poll(10, TimeUnit.SECONDS))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"200, true", "204, true", "302, true", "399, true", "404, false", "500, false"})
  void theStatusDecides(int status, boolean well) {
    answer = "HTTP/1.1 " + status + " Whatever\r\nContent-Length: 0\r\n\r\n";

    assertThat(ask("/").isEmpty()).isEqualTo(well);
  }

  @Test
  void whatIsNoHttpIsNotWell() {
    answer = "220 mail.test ESMTP\r\n";

    assertThat(ask("/")).hasValueSatisfying(why -> assertThat(why).contains("not HTTP"));
    assertThat(ask("")).as("a connect is all that was asked").isEmpty();
  }

  @Test
  void whoDoesNotAnswerIsWaitedForNoLongerThanTheLimit() {
    answer = "";
    long begin = System.nanoTime();

    assertThat(ask("/")).isPresent();

    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
  }

  @Test
  void nobodyThereAndAnotherMachineAreNotWell() throws IOException {
    try (Socket taken = new Socket()) { // so that no other process can listen there meanwhile
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();
      assertThat(new HealthProbe(new HealthCheck("localhost", port, ""), probes).ask()).isPresent();
    }
    assertThat(new HealthProbe(new HealthCheck("192.0.2.1", 80, ""), probes).ask()).isPresent();
  }
}
