package dev.weft.policy.compile;

import dev.weft.policy.ConnectionLimit;
import dev.weft.policy.Endpoint;
import dev.weft.policy.RequestLimit;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.RateLimitPolicySpec;
import dev.weft.policy.document.RateLimitPolicySpec.Side;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Limits of connections and of requests, by {@code RateLimitPolicy}s. Immutable once compiled. */
final class RateLimitCompiler {
  private final Map<String, List<Limit>> byService = new HashMap<>();
  private final Map<String, SortedSet<String>> servicesOf = new HashMap<>();

  private RateLimitCompiler() {}

  /** A policy and one Service that it names. */
  private record Limit(
      String title,
      CompiledService service,
      SortedSet<Integer> servicePorts,
      RateLimitPolicySpec spec) {

    /** The ports that a workload listens on for them; ascending. */
    List<Integer> ports(Workload workload) {
      SortedSet<Integer> ports = new TreeSet<>();
      for (Endpoint endpoint : service.endpoints()) {
        if (endpoint.workload().equals(workload.id())
            && servicePorts.contains(endpoint.servicePort())) {
          ports.add(endpoint.port());
        }
      }
      return List.copyOf(ports);
    }

    List<RequestLimit> requests(Side side, List<Integer> ports) {
      List<RequestLimit> found = new ArrayList<>();
      for (RateLimitPolicySpec.Requests requests : spec.requests()) {
        if (requests.side() == side) {
          found.add(of(requests.limit(), ports));
        }
      }
      return found;
    }

    private RequestLimit of(RequestLimit limit, List<Integer> ports) {
      return new RequestLimit(
          title + " limit " + limit.rule(),
          ports,
          limit.matches(),
          limit.keys(),
          limit.requests(),
          limit.per(),
          limit.burst(),
          limit.scope(),
          limit.answer());
    }
  }

  static RateLimitCompiler compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    RateLimitCompiler compiler = new RateLimitCompiler();
    ServiceTargets targets = new ServiceTargets(services, diagnostics);
    for (Document document : documents) {
      if (document.spec() instanceof RateLimitPolicySpec spec) {
        for (Spec.TargetRef ref : spec.targets()) {
          targets
              .find(ref, "nothing is limited")
              .ifPresent(target -> compiler.add(document.title(), target, spec));
        }
      }
    }
    return compiler;
  }

  private void add(String title, ServiceTargets.Target target, RateLimitPolicySpec spec) {
    CompiledService service = target.service();
    byService
        .computeIfAbsent(service.key(), key -> new ArrayList<>())
        .add(new Limit(title, service, target.ports(), spec));
    for (Endpoint endpoint : service.endpoints()) {
      servicesOf.computeIfAbsent(endpoint.workload(), id -> new TreeSet<>()).add(service.key());
    }
  }

  /** How many connections a workload accepts. */
  List<ConnectionLimit> connections(Workload workload) {
    List<ConnectionLimit> found = new ArrayList<>();
    for (Limit limit : limits(workload)) {
      RateLimitPolicySpec spec = limit.spec();
      List<Integer> ports = limit.ports(workload);
      boolean says = spec.maxConnections().isPresent() || spec.handshakesPerSecond().isPresent();
      if (says && !ports.isEmpty()) {
        found.add(
            new ConnectionLimit(
                limit.title(),
                ports,
                spec.maxConnections(),
                spec.handshakesPerSecond(),
                spec.handshakeBurst()));
      }
    }
    return List.copyOf(found);
  }

  /** How many requests a workload accepts. */
  List<RequestLimit> requests(Workload workload) {
    List<RequestLimit> found = new ArrayList<>();
    for (Limit limit : limits(workload)) {
      List<Integer> ports = limit.ports(workload);
      if (!ports.isEmpty()) {
        found.addAll(limit.requests(Side.SERVER, ports));
      }
    }
    return List.copyOf(found);
  }

  /** How many requests clients send to a service. */
  List<RequestLimit> ofClients(CompiledService service) {
    List<RequestLimit> found = new ArrayList<>();
    for (Limit limit : byService.getOrDefault(service.key(), List.of())) {
      if (!limit.servicePorts().isEmpty()) {
        found.addAll(limit.requests(Side.CLIENT, List.copyOf(limit.servicePorts())));
      }
    }
    return List.copyOf(found);
  }

  /** Whether the instances of a client share a limit of what they send to a service. */
  boolean shared(CompiledService service) {
    return byService.getOrDefault(service.key(), List.of()).stream()
        .flatMap(limit -> limit.spec().requests().stream())
        .anyMatch(
            requests ->
                requests.side() == Side.CLIENT
                    && requests.limit().scope() == RequestLimit.Scope.MESH);
  }

  private List<Limit> limits(Workload workload) {
    List<Limit> found = new ArrayList<>();
    Optional.ofNullable(servicesOf.get(workload.id()))
        .ifPresent(
            keys -> keys.forEach(key -> found.addAll(byService.getOrDefault(key, List.of()))));
    return found;
  }
}
