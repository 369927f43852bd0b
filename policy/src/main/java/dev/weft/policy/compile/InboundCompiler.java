package dev.weft.policy.compile;

import dev.weft.policy.ConnectionLimit;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec.PeerAuthenticationSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What workloads accept: modes of mutual TLS and access policies. Immutable once compiled. */
final class InboundCompiler {
  private final Inbound.Mtls meshDefault;
  private final List<Authentication> meshWide = new ArrayList<>();
  private final Map<String, List<Authentication>> byNamespace = new HashMap<>();
  private final AccessCompiler access;

  private InboundCompiler(Inbound.Mtls meshDefault, AccessCompiler access) {
    this.meshDefault = meshDefault;
    this.access = access;
  }

  private record Authentication(String title, PeerAuthenticationSpec spec) {

    Map<String, String> selector() {
      return spec.selector();
    }

    Optional<Inbound.Mtls> mode() {
      return spec.mode().map(mode -> new Inbound.Mtls(mode, title));
    }

    Map<Integer, Inbound.Mtls> portModes() {
      Map<Integer, Inbound.Mtls> modes = new TreeMap<>();
      spec.portModes().forEach((port, mode) -> modes.put(port, new Inbound.Mtls(mode, title)));
      return Map.copyOf(modes);
    }
  }

  /** All that decides where the mesh stays out of connections to a namespace's workloads. */
  record Modes(Inbound.Mtls byDefault, List<?> ofNamespace) {}

  static InboundCompiler compile(
      List<Document> documents,
      Inbound.Mtls meshDefault,
      AccessCompiler access,
      List<Diagnostic> diagnostics) {
    InboundCompiler compiler = new InboundCompiler(meshDefault, access);
    Map<String, String> scopes = new HashMap<>();
    for (Document document : documents) {
      boolean root = MeshCompiler.ROOT_NAMESPACES.contains(document.namespace());
      if (document.spec() instanceof PeerAuthenticationSpec spec) {
        boolean meshWide = root && spec.selector().isEmpty();
        String scope =
            meshWide ? "the mesh" : "namespace " + document.namespace() + selected(spec.selector());
        String first = scopes.putIfAbsent(scope, document.title());
        if (first == null) {
          (meshWide
                  ? compiler.meshWide
                  : compiler.byNamespace.computeIfAbsent(
                      document.namespace(), name -> new ArrayList<>()))
              .add(new Authentication(document.title(), spec));
        } else {
          diagnostics.add(
              Code.CONFLICT.at(
                  document.place(),
                  first + " speaks for " + scope + " already; this one is ignored"));
        }
      }
    }
    return compiler;
  }

  /** Whether the mesh stays out of connections to this port of the workload. */
  boolean disabled(Workload workload, int port) {
    if (!byNamespace.containsKey(workload.namespace())) { // most workloads of most meshes
      return byDefault().mode() == MtlsMode.DISABLE;
    }
    return selected(workload)
            .map(Authentication::portModes)
            .map(modes -> modes.get(port))
            .orElseGet(() -> mtls(workload))
            .mode()
        == MtlsMode.DISABLE;
  }

  /** What {@link #disabled} says about workloads of a namespace hangs on. */
  Modes modes(String namespace) {
    return new Modes(byDefault(), byNamespace.getOrDefault(namespace, List.of()));
  }

  private Optional<Authentication> selected(Workload workload) {
    return first(workload, a -> !a.selector().isEmpty() && workload.matches(a.selector()));
  }

  /** The mode of every port that no document names. */
  private Inbound.Mtls mtls(Workload workload) {
    Optional<Authentication> namespace = first(workload, a -> a.selector().isEmpty());
    return Stream.of(selected(workload), namespace)
        .flatMap(scope -> scope.flatMap(Authentication::mode).stream())
        .findFirst()
        .orElseGet(this::byDefault);
  }

  /** The mode of workloads about which their namespace says nothing. */
  private Inbound.Mtls byDefault() {
    return meshWide.isEmpty() ? meshDefault : meshWide.get(0).mode().orElse(meshDefault);
  }

  /** What one workload accepts, within these limits. */
  Inbound inbound(Workload workload, List<ConnectionLimit> limits) {
    return new Inbound(
        workload.id(),
        workload.service(),
        workload.namespace(),
        workload.spiffeId(),
        workload.effectiveLabels(),
        mtls(workload),
        selected(workload).map(Authentication::portModes).orElse(Map.of()),
        access.policies(workload),
        limits,
        List.of(),
        Optional.empty(),
        access.audits(workload),
        access.jwtRules(workload));
  }

  /** Of those of the workload's namespace. */
  private Optional<Authentication> first(Workload workload, Predicate<Authentication> scope) {
    return byNamespace.getOrDefault(workload.namespace(), List.of()).stream()
        .filter(scope)
        .findFirst();
  }

  private static String selected(Map<String, String> selector) {
    return selector.isEmpty() ? "" : " " + new TreeMap<>(selector);
  }

  /**
   * Istio's policies are written for {@code cluster.local}, whatever the trust domain is called.
   */
  static List<String> principals(List<String> principals, String trustDomain) {
    return principals.stream().map(principal -> Identities.own(principal, trustDomain)).toList();
  }
}
