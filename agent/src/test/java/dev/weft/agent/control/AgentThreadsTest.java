package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgentThreadsTest {
  private final AgentThreads threads = new AgentThreads(new ThreadGroup("weft-test"));
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Log log =
      new Log(LogLevel.INFO, new PrintStream(said, true, StandardCharsets.UTF_8));

  @Test
  void lastingWorkIsDoneAgainWhenItThrewAndEndsWhenItReturns() throws InterruptedException {
    AtomicInteger times = new AtomicInteger();

    Thread thread =
        threads.lasting(
            "policy",
            () -> {
              if (times.incrementAndGet() == 1) {
                throw new OutOfMemoryError("no room");
              }
            },
            log);
    thread.join();

    assertThat(times).hasValue(2);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("ERROR thread weft-policy failed, goes on: java.lang.OutOfMemoryError: no room")
        .hasLineCount(1);
  }

  @Test
  void lastingWorkThatAlwaysThrowsEndsWhenItIsInterrupted() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);

    Thread thread =
        threads.lasting(
            "report",
            () -> {
              begun.countDown();
              throw new IllegalStateException("again");
            },
            log);
    begun.await();
    thread.interrupt();
    thread.join();

    assertThat(thread.isAlive()).isFalse();
  }
}
