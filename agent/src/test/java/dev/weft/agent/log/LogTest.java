package dev.weft.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private Instant now = Instant.parse("2026-11-22T15:31:04.007123Z");

  private Log log(LogLevel level) {
    return new Log(level, new PrintStream(out, true, StandardCharsets.UTF_8), () -> now);
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void aLineHasTimeNameLevelAndMessage() {
    log(LogLevel.INFO).info("policy applied version=42");

    assertThat(lines())
        .containsExactly("2026-11-22T15:31:04.007Z weft INFO policy applied version=42");
  }

  @Test
  void anEventIsOneLineEvenIfItsMessageIsNot() {
    log(LogLevel.INFO).warn("first\n  second\r\nthird");

    assertThat(lines()).singleElement().asString().endsWith("WARN first |   second | third");
  }

  @Test
  void lessImportantLinesAreLeftOut() {
    Log log = log(LogLevel.WARN);
    log.error("a");
    log.warn("b");
    log.info("c");
    log.debug("d");

    assertThat(lines()).hasSize(2);
    assertThat(log.debugs()).isFalse();
    assertThat(log(LogLevel.DEBUG).debugs()).isTrue();
  }

  @Test
  void repetitionsAreCountedAndToldWithTheNextLine() {
    Log log = log(LogLevel.INFO);
    Duration every = Duration.ofSeconds(10);
    log.repeated(LogLevel.WARN, "refused", every, "refused a");
    log.repeated(LogLevel.WARN, "refused", every, "refused b");
    log.repeated(LogLevel.WARN, "refused", every, "refused c");
    log.repeated(LogLevel.WARN, "other", every, "other");
    now = now.plusSeconds(10);
    log.repeated(LogLevel.WARN, "refused", every, "refused d");

    assertThat(lines())
        .extracting(line -> line.substring(25))
        .containsExactly(
            "weft WARN refused a", "weft WARN other", "weft WARN refused d (and 2 times before)");
  }

  @Test
  void aFileIsAppendedTo(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("weft.log"), "before\n");
    Log.open(LogLevel.INFO, Optional.of(file)).info("after");

    assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("before");
  }
}
