package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Call;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A mesh of sample files and of workloads that stand behind them. */
final class Samples {
  private static final Path FOLDER = Path.of("src/test/resources/samples");

  private final List<SourceFile> files = new ArrayList<>();
  private final List<Workload> workloads = new ArrayList<>();

  static List<String> names(String folder) {
    try (Stream<Path> found = Files.list(FOLDER.resolve(folder))) {
      return found.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Samples file(String name) {
    try {
      return text(name, Files.readString(FOLDER.resolve(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Samples text(String name, String text) {
    files.add(new SourceFile(name, text));
    return this;
  }

  Samples workload(String service, String version, int port) {
    workloads.add(
        new Workload(
            service + "-" + version,
            service,
            "default",
            "bookinfo-" + service,
            "spiffe://cluster.local/ns/default/sa/bookinfo-" + service,
            "10.0.0." + (workloads.size() + 1),
            Map.of("app", service, "version", version),
            List.of(port),
            Map.of(),
            true));
    return this;
  }

  CompiledMesh compile() {
    return MeshCompiler.compile(
        PolicyStore.empty().update(files), workloads, "cluster.local", List.of("ROOT"));
  }

  /** What a workload gets; no document may be refused on the way. */
  Snapshot snapshotOf(String id) {
    assertThat(diagnostics()).noneMatch(found -> found.severity() == Severity.ERROR);
    Workload workload =
        workloads.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
    return compile().snapshotFor(workload);
  }

  List<Diagnostic> diagnostics() {
    List<Diagnostic> all = new ArrayList<>(PolicyStore.empty().update(files).diagnostics());
    all.addAll(compile().diagnostics());
    return all;
  }

  /** A request, with headers as {@code name: value}. */
  static Call call(String method, String host, int port, String path, String... headers) {
    Map<String, List<String>> byName = new LinkedHashMap<>();
    for (String header : headers) {
      String[] parts = header.split(": ", 2);
      byName.put(parts[0].toLowerCase(Locale.ROOT), List.of(parts[1]));
    }
    return new SampleCall(host, port, method, path, byName);
  }

  private record SampleCall(
      String host, int port, String method, String pathAndQuery, Map<String, List<String>> headers)
      implements Call {
    @Override
    public List<String> header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }
  }
}
