package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.TelemetrySettings;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.TelemetryPolicySpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How workloads are observed, by {@code TelemetryPolicy}s. For every matter by itself the closest
 * policy counts that says something about it: of the workload, of its namespace, of the mesh; of
 * equally close ones the oldest. Attributes of all of them come together. Immutable once compiled.
 */
final class TelemetryCompiler {
  private final List<Scope> scopes = new ArrayList<>();
  private final List<Rate> rates = new ArrayList<>();

  private TelemetryCompiler() {}

  /** How close a document is to a workload; the lower, the closer. */
  enum Closeness {
    WORKLOAD,
    NAMESPACE,
    MESH
  }

  /**
   * Whom a policy concerns.
   *
   * @param workloads ids, where it names Services
   */
  private record Scope(
      Document document, TelemetryPolicySpec spec, Optional<Set<String>> workloads) {

    /** Empty: not at all. */
    Optional<Closeness> closenessTo(Workload workload) {
      if (workloads.isPresent()) {
        return workloads.get().contains(workload.id())
            ? Optional.of(Closeness.WORKLOAD)
            : Optional.empty();
      }
      return closeness(document.namespace(), spec.selector(), workload);
    }
  }

  /** What a document says about traces; those of {@code Telemetry}s are kept. */
  private record Rate(
      String title, String namespace, Map<String, String> selector, double percent) {}

  /** How close a document with a selector is; empty: it does not concern the workload. */
  static Optional<Closeness> closeness(
      String namespace, Map<String, String> selector, Workload workload) {
    if (selector.isEmpty() && MeshCompiler.ROOT_NAMESPACES.contains(namespace)) {
      return Optional.of(Closeness.MESH);
    }
    if (!namespace.equals(workload.namespace()) || !workload.matches(selector)) {
      return Optional.empty();
    }
    return Optional.of(selector.isEmpty() ? Closeness.NAMESPACE : Closeness.WORKLOAD);
  }

  /** The policies of documents, in their order. */
  static TelemetryCompiler compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    TelemetryCompiler compiler = new TelemetryCompiler();
    ServiceTargets targets = new ServiceTargets(services, diagnostics);
    Map<String, String> taken = new HashMap<>();
    for (Document document : documents) {
      if (document.spec() instanceof TelemetryPolicySpec spec) {
        Optional<Set<String>> workloads = Optional.empty();
        List<String> concerned = new ArrayList<>();
        if (spec.targets().isEmpty()) {
          concerned.add(document.namespace() + " " + new TreeMap<>(spec.selector()));
        } else {
          Set<String> ids = new HashSet<>();
          for (Spec.TargetRef ref : spec.targets()) {
            concerned.add("Service " + ref.key());
            targets
                .find(ref, "nobody is observed by it")
                .ifPresent(
                    target ->
                        target.service().endpoints().stream()
                            .map(Endpoint::workload)
                            .forEach(ids::add));
          }
          workloads = Optional.of(ids);
        }
        warnOfAnother(document, spec, concerned, taken, diagnostics);
        compiler.scopes.add(new Scope(document, spec, workloads));
      } else if (document.spec() instanceof Spec.TelemetrySpec spec) {
        spec.samplingPercent()
            .map(rate -> new Rate(document.title(), document.namespace(), spec.selector(), rate))
            .ifPresent(compiler.rates::add);
      }
    }
    return compiler;
  }

  private static void warnOfAnother(
      Document document,
      TelemetryPolicySpec spec,
      List<String> concerned,
      Map<String, String> taken,
      List<Diagnostic> diagnostics) {
    List<String> matters = new ArrayList<>();
    spec.samplingPercent().ifPresent(said -> matters.add("tracing.samplingPercent"));
    if (!spec.propagation().isEmpty()) {
      matters.add("tracing.propagation");
    }
    spec.accessLog().ifPresent(said -> matters.add("accessLog.enabled"));
    spec.accessLogFormat().ifPresent(said -> matters.add("accessLog.format"));
    Map<String, List<String>> twice = new LinkedHashMap<>();
    for (String whom : concerned) {
      for (String matter : matters) {
        String first = taken.putIfAbsent(whom + " " + matter, document.title());
        if (first != null && !first.equals(document.title())) {
          twice.computeIfAbsent(first, title -> new ArrayList<>()).add(matter);
        }
      }
    }
    twice.forEach(
        (first, what) ->
            diagnostics.add(
                Code.CONFLICT.at(
                    document.place(),
                    first
                        + " speaks of "
                        + String.join(", ", what)
                        + " for the same workloads and counts")));
  }

  /** How a workload is observed where it differs from the mesh. */
  Optional<TelemetrySettings> of(Workload workload) {
    List<Scope> closest = closest(workload);
    Optional<Rate> sampling = sampling(workload);
    List<TelemetrySettings.Propagation> propagation =
        closest.stream()
            .map(one -> one.spec().propagation())
            .filter(said -> !said.isEmpty())
            .findFirst()
            .orElse(List.of());
    Map<String, String> attributes = new TreeMap<>();
    closest.forEach(one -> one.spec().attributes().forEach(attributes::putIfAbsent));
    if (sampling.isEmpty() && propagation.isEmpty() && attributes.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new TelemetrySettings(
            closest.isEmpty()
                ? sampling.map(Rate::title).orElse("")
                : closest.get(0).document().title(),
            sampling.map(Rate::percent),
            propagation,
            Map.copyOf(attributes)));
  }

  /** Of equally close documents a {@code TelemetryPolicy} before a {@code Telemetry}. */
  private Optional<Rate> sampling(Workload workload) {
    for (Closeness closeness : Closeness.values()) {
      for (Scope scope : scopes) {
        Optional<Double> said = scope.spec().samplingPercent();
        if (said.isPresent() && scope.closenessTo(workload).equals(Optional.of(closeness))) {
          return Optional.of(new Rate(scope.document().title(), "", Map.of(), said.get()));
        }
      }
      for (Rate rate : rates) {
        if (closeness(rate.namespace(), rate.selector(), workload).equals(Optional.of(closeness))) {
          return Optional.of(rate);
        }
      }
    }
    return Optional.empty();
  }

  private List<Scope> closest(Workload workload) {
    List<Scope> found = new ArrayList<>();
    for (Scope scope : scopes) {
      if (scope.closenessTo(workload).isPresent()) {
        found.add(scope);
      }
    }
    found.sort(Comparator.comparing(scope -> scope.closenessTo(workload).orElseThrow()));
    return found;
  }

  /** What policies say about the access log of a workload, by closeness, the oldest first. */
  List<TelemetryPolicySpec> at(Closeness closeness, Workload workload) {
    return scopes.stream()
        .filter(scope -> scope.closenessTo(workload).equals(Optional.of(closeness)))
        .map(Scope::spec)
        .toList();
  }
}
