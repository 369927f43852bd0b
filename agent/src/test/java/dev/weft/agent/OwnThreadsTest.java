package dev.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnThreadsTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Log log = new Log(LogLevel.INFO, new PrintStream(said, true));
  private final Thread.UncaughtExceptionHandler before =
      Thread.getDefaultUncaughtExceptionHandler();

  @AfterEach
  void restore() {
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  @Test
  void theApplicationsHandlerDoesNotHearWhatAThreadOfOursDiesOf() throws InterruptedException {
    AtomicReference<Throwable> heard = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> heard.set(fault));
    ThreadGroup own = new OwnThreads(Thread.currentThread().getThreadGroup(), log);
    Thread thread =
        new Thread(
            own,
            () -> {
              throw new IllegalStateException("planned");
            },
            "weft-story");

    thread.start();
    thread.join();

    assertThat(heard).hasNullValue();
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("weft ERROR thread ended name=weft-story because of")
        .contains("planned");
  }
}
