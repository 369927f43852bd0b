package dev.weft.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.benchmarks.ground.Table;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void theTableShowsMediansAndWhatTheyAreToPlaintext() {
    Results results = new Results(Stack.NETTY);
    results.enter(Variant.PLAIN, Metric.RPS, 0, 100_000);
    results.enter(Variant.PLAIN, Metric.SATURATED_CPU, 0, 12);
    results.enter(Variant.JSSE, Metric.RPS, 0, 60_000);
    results.enter(Variant.JSSE, Metric.SATURATED_CPU, 0, 18);
    results.note(Variant.AGENT_OPENSSL, "not available: no library");

    String table =
        new Report(EnumSet.of(Column.CLOSED))
            .table(results, EnumSet.of(Variant.PLAIN, Variant.JSSE, Variant.AGENT_OPENSSL));

    assertThat(table)
        .isEqualTo(
            """
            netty -> netty    saturation
                              req/s       CPU us
            plaintext         100.0k      12.0
            own TLS, JSSE     60.0k 0.60  18.0 1.50
            agent, BoringSSL  -           -
            agent, BoringSSL: not available: no library
            """);
  }

  @Test
  void aStackWithoutTheVariantHasNoSuchRow() {
    String table =
        new Report(EnumSet.of(Column.CLOSED))
            .table(new Results(Stack.TOMCAT), EnumSet.of(Variant.PLAIN, Variant.BORINGSSL));

    assertThat(table).contains("plaintext").doesNotContain("BoringSSL");
  }

  @Test
  void plaintextWhereEncryptionIsClaimedIsShouted() {
    Results results = new Results(Stack.NETTY);
    results.probed(Variant.AGENT_JSSE, new Probe(true, "no TLS", false));
    results.probed(Variant.PLAIN, new Probe(true, "no TLS", false));
    results.probed(Variant.JSSE, new Probe(false, "TLSv1.3 TLS_AES_128_GCM_SHA256", true));

    String text = new Report(EnumSet.noneOf(Column.class)).probes(results);

    assertThat(text.lines().filter(line -> line.contains("NOT AS IT CLAIMS")))
        .hasSize(2)
        .anyMatch(line -> line.startsWith("agent, JSSE"))
        .anyMatch(line -> line.startsWith("own TLS, JSSE"));
  }

  @Test
  void figuresHaveThreeDigits() {
    assertThat(List.of(Table.figure(0.5), Table.figure(12.34), Table.figure(123.4)))
        .containsExactly("0.50", "12.3", "123");
    assertThat(Table.figure(54_321)).isEqualTo("54.3k");
  }

  @Test
  void rawFiguresAreJson() {
    Results results = new Results(Stack.NETTY);
    results.enter(Variant.PLAIN, Metric.RPS, 1, 2.5);
    results.note(Variant.JSSE, "said \"no\"");

    assertThat(RawFigures.json(java.util.Map.of("jdk", "17"), List.of(results)))
        .isEqualTo(
            """
            {
            "run": {"jdk": "17"},
            "netty": {
              "plain": {"rps": [null, 2.5000]},
              "jsse": {"note": "said \\"no\\""}
            }
            }
            """);
  }
}
