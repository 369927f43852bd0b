package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Locality;
import dev.weft.policy.Snapshot;
import dev.weft.policy.Unready;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.tree.Trees;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * Pairs of files: documents, and what becomes of them. A pair is {@code golden/NAME.yaml} and
 * {@code golden/NAME.expected}. Lines that begin with {@code #!} set the stage:
 *
 * <pre>
 * #! workload id=pay-1 service=pay listening=8080 ports=http:8080 labels=version:v1
 *              locality=eu/eu-1 weight=3 protocols=8080:http unready=DRAINING suspects=8080
 * #! client web                what to show: the snapshot of a workload of this service,
 * #! show services,inbound     and which parts of it
 * #! trust-domain a.test
 * #! file b.yaml               what follows stands in another file
 * #! lint                      what lint says, of a mesh that runs if there are workloads
 * </pre>
 *
 * <p>{@code -Dgolden.update=true} writes the expectations anew, to be read before they are
 * believed.
 */
class GoldenTest {

  static Stream<String> cases() throws IOException, URISyntaxException {
    Path folder = Path.of(Objects.requireNonNull(GoldenTest.class.getResource("/golden")).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".yaml"))
              .map(name -> name.substring(0, name.length() - ".yaml".length()))
              .sorted()
              .toList();
      assertThat(names).hasSizeGreaterThanOrEqualTo(40);
      return names.stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void documentsMeanWhatTheExpectationSays(String name) throws IOException {
    Path folder = Path.of("src/test/resources/golden");
    String actual = new Case(Files.readString(folder.resolve(name + ".yaml"))).run();
    Path expectation = folder.resolve(name + ".expected");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(expectation, actual);
    }

    assertThat(actual).isEqualTo(Files.readString(expectation));
  }

  static final class Case {
    private final Map<String, StringBuilder> files = new LinkedHashMap<>();
    private final List<Workload> workloads = new ArrayList<>();
    private String client = "";
    private boolean lint;
    private String trustDomain = "cluster.local";
    private List<String> show = List.of();

    Case(String text) {
      StringBuilder file = new StringBuilder();
      files.put("mesh.yaml", file);
      for (String line : text.split("(?<=\n)", -1)) {
        if (line.startsWith("#! file ")) {
          file = new StringBuilder();
          files.put(line.substring("#! file ".length()).trim(), file);
        } else {
          if (line.startsWith("#! ")) {
            directive(line.substring(3).trim());
          }
          file.append(line);
        }
      }
    }

    private void directive(String line) {
      String[] words = line.split(" +", -1);
      switch (words[0]) {
        case "workload" -> workloads.add(workload(List.of(words).subList(1, words.length)));
        case "client" -> client = words[1];
        case "lint" -> lint = true;
        case "trust-domain" -> trustDomain = words[1];
        case "show" -> show = List.of(words[1].split(",", -1));
        default -> throw new IllegalArgumentException(line);
      }
    }

    private Workload workload(List<String> settings) {
      Map<String, String> values = new LinkedHashMap<>();
      for (String setting : settings) {
        int equals = setting.indexOf('=');
        values.put(setting.substring(0, equals), setting.substring(equals + 1));
      }
      String namespace = values.getOrDefault("namespace", "default");
      String service = values.getOrDefault("service", "");
      Map<String, Integer> ports = new LinkedHashMap<>();
      pairs(values.getOrDefault("ports", ""))
          .forEach((port, number) -> ports.put(port, Integer.valueOf(number)));
      List<Integer> listening =
          Stream.of(values.getOrDefault("listening", "").split(",", -1))
              .filter(text -> !text.isEmpty())
              .map(Integer::valueOf)
              .toList();
      Workload workload =
          new Workload(
              values.get("id"),
              service,
              namespace,
              service,
              "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + service,
              values.getOrDefault("address", "10.0.0." + (workloads.size() + 1)),
              pairs(values.getOrDefault("labels", "")),
              listening,
              ports,
              !values.getOrDefault("ready", "true").equals("false"));
      Traits traits = traits(values);
      return traits.equals(Traits.NONE) ? workload : workload.with(traits);
    }

    private static Traits traits(Map<String, String> values) {
      Map<Integer, String> protocols = new LinkedHashMap<>();
      pairs(values.getOrDefault("protocols", ""))
          .forEach((port, protocol) -> protocols.put(Integer.valueOf(port), protocol));
      return new Traits(
          Optional.ofNullable(values.get("locality")).map(Locality::parse),
          Optional.ofNullable(values.get("weight")).map(Integer::valueOf),
          protocols,
          Optional.ofNullable(values.get("unready")).map(Unready::valueOf),
          Optional.ofNullable(values.get("suspects")).map(Integer::valueOf).stream().toList());
    }

    private static Map<String, String> pairs(String text) {
      Map<String, String> pairs = new LinkedHashMap<>();
      for (String pair : text.split(",", -1)) {
        if (!pair.isEmpty()) {
          pairs.put(pair.substring(0, pair.indexOf(':')), pair.substring(pair.indexOf(':') + 1));
        }
      }
      return pairs;
    }

    /** What lint says, with the workloads if there are any. */
    Lint.Report lint() {
      List<SourceFile> sources = new ArrayList<>();
      files.forEach((name, text) -> sources.add(new SourceFile(name, text.toString())));
      if (workloads.isEmpty()) {
        return Lint.report(sources, trustDomain);
      }
      PolicyStore policy = PolicyStore.empty().update(sources);
      CompiledMesh mesh = MeshCompiler.compile(policy, workloads, trustDomain, List.of());
      return Lint.report(policy, mesh, workloads, trustDomain);
    }

    String run() {
      if (lint) {
        return text(lint());
      }
      List<SourceFile> sources = new ArrayList<>();
      files.forEach((name, text) -> sources.add(new SourceFile(name, text.toString())));
      PolicyStore policy = PolicyStore.empty().update(sources);
      CompiledMesh mesh = MeshCompiler.compile(policy, workloads, trustDomain, List.of("ROOT"));
      List<Diagnostic> diagnostics = new ArrayList<>(policy.diagnostics());
      diagnostics.addAll(mesh.diagnostics());
      StringBuilder text = new StringBuilder();
      diagnostics.stream()
          .sorted()
          .forEach(found -> text.append(found.severity()).append(' ').append(found).append('\n'));
      if (!client.isEmpty()) {
        Snapshot snapshot =
            mesh.snapshotFor(
                workloads.stream().filter(w -> w.service().equals(client)).findFirst().get());
        Map<String, Object> tree = Trees.toTree(snapshot);
        tree.keySet().retainAll(show);
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.AUTO);
        options.setWidth(100);
        text.append(new Yaml(options).dump(withoutEmpty(tree)));
      }
      return text.toString();
    }

    private static String text(Lint.Report report) {
      StringBuilder text = new StringBuilder();
      report
          .diagnostics()
          .forEach(one -> text.append(one.severity()).append(' ').append(one).append('\n'));
      report.suppressed().forEach(one -> text.append("suppressed ").append(one).append('\n'));
      return text.toString();
    }

    /** What is empty says nothing; without it the expectations can be read. */
    private static Object withoutEmpty(Object tree) {
      if (tree instanceof Map<?, ?> map) {
        Map<Object, Object> kept = new LinkedHashMap<>();
        map.forEach(
            (key, value) -> {
              Object inner = withoutEmpty(value);
              if (!inner.equals("") && !inner.equals(List.of()) && !inner.equals(Map.of())) {
                kept.put(key, inner);
              }
            });
        return kept;
      }
      return tree instanceof List<?> list ? list.stream().map(Case::withoutEmpty).toList() : tree;
    }
  }
}
