package dev.weft.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.log.Log;
import dev.weft.policy.AccessLogFormat;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AccessLogTest {
  private static final InetSocketAddress HERE = new InetSocketAddress("10.0.0.1", 40_000);
  private static final ConnectionRecord CONNECTION =
      new ConnectionRecord(false, "", 7, HERE, HERE, null, "", "-", "", Instant.EPOCH, 1, 2, 3);

  private final AtomicReference<Optional<AccessLogFormat>> format =
      new AtomicReference<>(Optional.empty());

  private AccessLog to(OutputStream out) {
    return new AccessLog(
        format::get,
        new AgentThreads(new ThreadGroup("test")),
        new Log(LogLevel.WARN, new PrintStream(out, true)));
  }

  @Test
  void nothingIsWrittenUntilPolicyWantsIt() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log = to(out);
    assertThat(log.on()).isFalse();
    log.connection(CONNECTION);

    format.set(Optional.of(AccessLogFormat.TEXT));
    assertThat(log.on()).isTrue();
    log.connection(CONNECTION);
    format.set(Optional.of(AccessLogFormat.JSON));
    log.connection(CONNECTION);

    await()
        .untilAsserted(
            () ->
                assertThat(out.toString().lines())
                    .satisfiesExactly(
                        text -> assertThat(text).startsWith("[1970-01-01T00:00:00Z] \"- - -\" 0"),
                        json -> assertThat(json).startsWith("{\"start_time\":")));
  }

  @Test
  void aLogThatBlocksHoldsNoConnectionUpAndLosesAreSaid() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log =
        to(
            new OutputStream() {
              @Override
              public void write(int b) {
                try {
                  blocked.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                out.write(b);
              }
            });
    format.set(Optional.of(AccessLogFormat.TEXT));

    long start = System.nanoTime();
    for (int i = 0; i < 10_000; i++) {
      log.connection(CONNECTION);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));

    blocked.countDown();
    await()
        .untilAsserted(
            () -> assertThat(out.toString()).contains("access log could not keep up, lines lost="));
  }
}
