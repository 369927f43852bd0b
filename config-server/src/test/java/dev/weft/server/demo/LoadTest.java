package dev.weft.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the stand-in for shop.Client is a shell")
class LoadTest {
  private static final String OBLIGING =
      "echo ready; while read id url; do echo \"$id 200 - {\\\"instance\\\":\\\"pay-1\\\"}\"; done";
  private static final String REFUSING =
      "echo ready; while read id url; do echo \"$id 403 UAEX;+some+rule no way\"; done";

  @TempDir private Path logs;

  @Test
  void everyRequestThatWasSentIsAnswered() throws Exception {
    try (Client client = client(OBLIGING)) {
      Load load = Load.start(client, "http://web/", 4);
      load.awaitFurther(500);
      List<Answer> answers = load.stop();

      assertThat(answers).hasSizeGreaterThanOrEqualTo(500);
      assertThat(Tally.failures(answers)).isEmpty();
      assertThat(Tally.instances(answers)).containsOnlyKeys("pay-1");
    }
  }

  @Test
  void aCallerThatRestsSendsItsNextRequestLater() throws Exception {
    Duration rest = Duration.ofMillis(20);
    try (Client client = client(OBLIGING)) {
      long begin = System.nanoTime();
      Load load = Load.start(rest, client, "http://web/", 2);
      load.awaitFurther(9);
      Duration taken = Duration.ofNanos(System.nanoTime() - begin);
      List<Answer> answers = load.stop();

      assertThat(answers).hasSizeGreaterThanOrEqualTo(9);
      assertThat(Tally.failures(answers)).isEmpty();
      assertThat(taken)
          .as("the fifth of a caller comes after four rests")
          .isGreaterThan(rest.multipliedBy(4));
    }
  }

  @Test
  void aRefusalIsAFailureWithItsReason() throws Exception {
    try (Client client = client(REFUSING)) {
      Answer answer = client.get("http://web/");

      assertThat(answer.ok()).isFalse();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.reason()).isEqualTo("UAEX; some rule");
      assertThat(Tally.failures(List.of(answer))).containsEntry("403 no way", 1);
    }
  }

  private Client client(String script) throws IOException, InterruptedException {
    Child child = Child.start("client", new ProcessBuilder("sh", "-c", script), logs);
    child.awaitLine("ready", Duration.ofSeconds(10));
    return new Client(child);
  }
}
