package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class LinesTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  /** The connection's end: how much it was asked for, and whether it was cut. */
  private static final class Connection implements Flow.Subscription {
    long asked;
    boolean cut;

    @Override
    public void request(long n) {
      asked += n;
    }

    @Override
    public void cancel() {
      cut = true;
    }
  }

  private final Connection connection = new Connection();

  private Lines lines(int longest) {
    Lines lines = new Lines(longest);
    lines.onSubscribe(connection);
    return lines;
  }

  private static void bytes(Lines lines, String text) {
    lines.onNext(List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void linesComeWholeHoweverTheyWereCut() throws Exception {
    Lines lines = lines(100);
    bytes(lines, "{\"a\":");
    bytes(lines, "1}\n{\"b\"");
    bytes(lines, ":2}\n");
    lines.onComplete();

    assertThat(lines.next(SOON)).isEqualTo("{\"a\":1}");
    assertThat(lines.next(SOON)).isEqualTo("{\"b\":2}");
    assertThat(lines.next(SOON)).isNull();
    assertThat(connection.cut).isFalse();
  }

  @Test
  void aLineThatNeverEndsCostsItsLimitAndTheConnection() throws Exception {
    Lines lines = lines(1000);
    bytes(lines, "good\n");
    for (int i = 0; i < 11; i++) {
      bytes(lines, "x".repeat(100));
    }

    assertThat(lines.next(SOON)).isEqualTo("good");
    assertThatThrownBy(() -> lines.next(SOON))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a line is longer than 1000 bytes");
    assertThat(connection.cut).isTrue();
  }

  @Test
  void aFloodOfLinesWaitsAtTheServer() throws Exception {
    Lines lines = lines(Lines.LONGEST);
    String line = "x".repeat(100_000) + "\n";
    int sent = 0;
    while (connection.asked > sent) {
      bytes(lines, line);
      sent++;
    }

    assertThat(sent).as("about a megabyte waits").isBetween(8, 12);
    for (int i = 0; i < sent; i++) {
      assertThat(lines.next(SOON)).hasSize(100_000);
    }
    assertThat(connection.asked).as("whoever takes lines gets more").isGreaterThan(sent);
  }
}
