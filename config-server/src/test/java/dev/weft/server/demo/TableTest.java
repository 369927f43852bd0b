package dev.weft.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void longTextIsWrappedAndFailuresStandOut() {
    String table =
        Table.of(
            List.of(
                new Row("a claim", "seen ".repeat(20).strip(), true),
                new Row("another", "nothing", false)));

    assertThat(table.lines().map(String::stripTrailing))
        .satisfiesExactly(
            head -> assertThat(head).startsWith("CHECK").endsWith("VERDICT"),
            first -> assertThat(first).startsWith("a claim").contains("seen").endsWith("held"),
            rest -> assertThat(rest).startsWith("      ").contains("seen"),
            second -> assertThat(second).startsWith("another").endsWith("FAILED"));
  }
}
