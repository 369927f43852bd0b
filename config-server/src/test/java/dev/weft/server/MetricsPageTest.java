package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that Prometheus reads. */
class MetricsPageTest {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"[^\"]*\",?)*})?"
              + " ([-+0-9.eE]+|NaN|[+-]Inf)");

  /** Names, and types by name. */
  private record PageText(Map<String, String> types, Map<String, Double> samples) {
    static PageText parse(String text) {
      Map<String, String> types = new HashMap<>();
      Map<String, Double> samples = new HashMap<>();
      Map<String, String> help = new HashMap<>();
      for (String line : text.split("\n")) {
        String[] words = line.split(" ", 4);
        if (line.startsWith("# TYPE ")) {
          assertThat(types.put(words[2], words[3])).as(line).isNull();
        } else if (line.startsWith("# HELP ")) {
          help.put(words[2], words[3]);
        } else {
          Matcher sample = SAMPLE.matcher(line);
          assertThat(sample.matches()).as(line).isTrue();
          String name = sample.group(1);
          String family = name.replaceAll("_(bucket|count|sum)$", "");
          assertThat(types.containsKey(name) || types.containsKey(family)).as(line).isTrue();
          samples.put(line.substring(0, line.lastIndexOf(' ')), Double.valueOf(sample.group(4)));
        }
      }
      assertThat(help.keySet()).isEqualTo(types.keySet());
      return new PageText(types, samples);
    }
  }

  private static HttpResponse<String> page(TestServer server, String accept) throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri().resolve("/metrics"))
                .header("Authorization", "Bearer " + server.operatorToken())
                .header("Accept", accept)
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void everyMetricHasItsTypeAndIsExplained(@TempDir Path folder) throws Exception {
    try (TestServer server = TestServer.in(folder)) {
      server
          .client()
          .send(
              HttpRequest.newBuilder(server.uri().resolve("/metrics")).build(),
              HttpResponse.BodyHandlers.discarding());
      PageText page = PageText.parse(page(server, "text/plain").body());

      assertThat(page.types())
          .containsEntry("weft_server_requests_total", "counter")
          .containsEntry("weft_server_requests_refused_total", "counter")
          .containsEntry("weft_server_request_duration_seconds", "histogram")
          .containsEntry("weft_server_connections", "gauge")
          .containsEntry("weft_server_streams", "gauge")
          .containsEntry("weft_server_agents", "gauge")
          .containsEntry("weft_server_compile_duration_seconds", "histogram")
          .containsEntry("weft_server_push_duration_seconds", "histogram")
          .containsEntry("weft_server_push_bytes_total", "counter")
          .containsEntry("weft_server_certificate_days_left", "gauge")
          .containsEntry("weft_server_rate_limited_total", "counter")
          .containsEntry("weft_server_certificates_renewed_total", "counter")
          .containsEntry("jvm_memory_used_bytes", "gauge")
          .containsEntry("jvm_threads_current", "gauge")
          .containsEntry("process_cpu_seconds_total", "counter");
    }
  }

  @Test
  void theDocumentationNamesThemAllAndNoOthers(@TempDir Path folder) throws Exception {
    String page = Files.readString(Path.of("../docs/api.md"));
    String table = page.substring(page.indexOf("| metric `weft_server_"), page.indexOf("`jvm_…`"));
    Set<String> documented = new TreeSet<>();
    table
        .lines()
        .skip(2)
        .map(row -> row.split("\\|"))
        .filter(cells -> cells.length > 1)
        .forEach(
            cells ->
                Pattern.compile("`([a-z_]+)")
                    .matcher(cells[1])
                    .results()
                    .forEach(name -> documented.add("weft_server_" + name.group(1))));
    try (TestServer server = TestServer.in(folder)) {
      server.write("account.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n");
      HttpRequest refused = HttpRequest.newBuilder(server.uri().resolve("/metrics")).build();
      server.client().send(refused, HttpResponse.BodyHandlers.discarding());

      await() // who has counted nothing for any label yet is not shown
          .untilAsserted(() -> assertThat(shown(server)).isEqualTo(documented));
    }
  }

  private static Set<String> shown(TestServer server) throws Exception {
    Set<String> shown = new TreeSet<>(PageText.parse(page(server, "").body()).types().keySet());
    shown.removeIf(name -> !name.startsWith("weft_server_"));
    return shown;
  }

  @Test
  void theNamesThatThereWereStay(@TempDir Path folder) throws Exception {
    try (TestServer server = TestServer.in(folder)) {
      Map<String, String> types = PageText.parse(page(server, "").body()).types();

      for (String gauge : new String[] {"workloads", "policy_diagnostics", "spans", "series"}) {
        assertThat(types).containsEntry("weft_server_" + gauge, "gauge");
      }
      for (String counter :
          new String[] {
            "snapshots_pushed",
            "snapshots_refused",
            "certificates_issued",
            "certificates_refused",
            "spans_received",
            "spans_dropped",
            "points_received",
            "series_dropped"
          }) {
        assertThat(types).containsEntry("weft_server_" + counter + "_total", "counter");
      }
    }
  }

  @Test
  void whatHappensIsCounted(@TempDir Path folder) throws Exception {
    try (TestServer server = TestServer.in(folder)) {
      server.write(
          "pay.yaml",
          "apiVersion: v1\nkind: Service\nmetadata: {name: pay}\nspec: {ports: [{port: 80}]}\n");
      TestAgent agent = TestAgent.enrolled(server, "pay");
      try (TestAgent.Stream stream = agent.watch("pay", 8080)) {
        Map<String, Object> first = stream.next();
        agent.report(Map.of("acked", first.get("version")));
        page(server, "");

        await()
            .untilAsserted(
                () ->
                    assertThat(PageText.parse(page(server, "").body()).samples())
                        .containsEntry("weft_server_streams", 1.0)
                        .containsEntry("weft_server_workloads", 1.0)
                        .containsEntry("weft_server_certificates_issued_total", 1.0)
                        .containsEntry(
                            "weft_server_requests_total{method=\"POST\",route=\"/v1/enroll\","
                                + "status=\"2xx\"}",
                            1.0)
                        .containsEntry(
                            "weft_server_documents{condition=\"accepted\",kind=\"Service\"}", 1.0)
                        .hasEntrySatisfying(
                            "weft_server_push_duration_seconds_count",
                            count -> assertThat(count).isPositive())
                        .hasEntrySatisfying(
                            "weft_server_push_bytes_total",
                            bytes -> assertThat(bytes).isGreaterThan(100))
                        .hasEntrySatisfying(
                            "weft_server_compile_duration_seconds_count",
                            count -> assertThat(count).isPositive())
                        .hasEntrySatisfying(
                            "weft_server_certificate_days_left{certificate=\"server\"}",
                            days -> assertThat(days).isBetween(0.9, 1.0)));
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(PageText.parse(page(server, "").body()).samples())
                      .containsEntry("weft_server_streams", 0.0));
    }
  }

  @Test
  void whoUnderstandsOpenMetricsGetsIt(@TempDir Path folder) throws Exception {
    try (TestServer server = TestServer.in(folder)) {
      HttpResponse<String> page = page(server, "application/openmetrics-text; version=1.0.0");

      assertThat(page.headers().firstValue("content-type").orElse(""))
          .startsWith("application/openmetrics-text");
      assertThat(page.body()).endsWith("# EOF\n");
    }
  }
}
