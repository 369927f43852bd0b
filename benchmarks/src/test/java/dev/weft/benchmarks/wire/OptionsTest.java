package dev.weft.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void withoutOptionsEverythingIsMeasured() {
    Options options = Options.parse();

    assertThat(options.stacks()).containsExactly(Stack.values());
    assertThat(options.variants()).containsExactly(Variant.values());
    assertThat(options.columns()).containsExactly(Column.values());
    assertThat(options.profiled()).isEmpty();
  }

  @Test
  void rowsAndColumnsCanBeChosen() {
    Options options =
        Options.parse("--variants", "plain,agent-jsse", "--columns", "closed", "--rounds", "7");

    assertThat(options.variants()).containsExactly(Variant.PLAIN, Variant.AGENT_JSSE);
    assertThat(options.columns()).containsExactly(Column.CLOSED);
    assertThat(options.rounds()).isEqualTo(7);
  }

  @Test
  void quickIsADefaultThatOtherOptionsChange() {
    assertThat(Options.parse("--quick").rounds()).isLessThan(Options.parse().rounds());
    assertThat(Options.parse("--rounds", "9", "--quick").rounds()).isEqualTo(9);
  }

  @Test
  void aNameThatDoesNotExistIsRefused() {
    assertThatThrownBy(() -> Options.parse("--variants", "plain,agnet"))
        .hasMessage("unknown name agnet");
    assertThatThrownBy(() -> Options.parse("--colums", "open"))
        .hasMessage("unknown option --colums");
    assertThatThrownBy(() -> Options.parse("--rounds")).hasMessageContaining("without value");
  }
}
