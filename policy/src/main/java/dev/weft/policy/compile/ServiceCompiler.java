package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Names;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/** Services from documents, services implied by workloads, and their endpoints. */
final class ServiceCompiler {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int NAMED_IN_MESSAGES = 3;

  private final List<Workload> workloads;
  private final WorkloadIndex index;
  private final InboundCompiler inbound;
  private final List<Diagnostic> diagnostics;

  private ServiceCompiler(
      List<Workload> workloads, InboundCompiler inbound, List<Diagnostic> diagnostics) {
    this.workloads = workloads;
    this.index = new WorkloadIndex(workloads);
    this.inbound = inbound;
    this.diagnostics = diagnostics;
  }

  /** A service before it has an address. */
  private record Draft(
      String namespace,
      String name,
      List<ServicePort> ports,
      List<Endpoint> endpoints,
      String origin,
      Naming naming) {}

  /** How its names become addresses. */
  private enum Naming {
    /** To an address of its own. */
    VIRTUAL,
    /** To its endpoints' addresses. */
    HEADLESS,
    /** As DNS says, outside the mesh. */
    EXTERNAL
  }

  /** All services, in order of namespace and name. */
  static List<CompiledService> compile(
      List<Document> documents,
      List<Workload> workloads,
      InboundCompiler inbound,
      List<Diagnostic> diagnostics) {
    ServiceCompiler compiler = new ServiceCompiler(workloads, inbound, diagnostics);
    Map<String, Draft> drafts = new TreeMap<>();
    Map<String, Spec.ServiceSpec> specs = new HashMap<>();
    SliceEndpoints slices = new SliceEndpoints(documents, workloads, diagnostics);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.ServiceSpec spec) {
        specs.put(document.key(), spec);
        if (spec.externalName().isPresent()) {
          drafts.put(document.key(), external(document, spec));
        } else if (!spec.ports().isEmpty()) {
          drafts.put(
              document.key(),
              spec.selector().isEmpty()
                  ? compiler.listed(document, spec, slices)
                  : compiler.declared(document, spec));
        }
      }
    }
    slices.warnOfIdle(specs);
    compiler.implied(drafts);
    Map<String, String> addresses = VirtualAddresses.of(drafts.keySet());
    List<CompiledService> services = new ArrayList<>();
    drafts.forEach(
        (key, draft) ->
            services.add(
                new CompiledService(
                    draft.namespace(),
                    draft.name(),
                    draft.naming() == Naming.VIRTUAL ? addresses.getOrDefault(key, "") : "",
                    draft.ports(),
                    draft.endpoints(),
                    draft.origin(),
                    draft.naming() == Naming.EXTERNAL
                        ? Optional.of(new Service.External(Service.Resolution.DNS))
                        : Optional.empty())));
    return List.copyOf(services);
  }

  private Draft declared(Document document, Spec.ServiceSpec spec) {
    List<Workload> selected = index.select(document.namespace(), spec.selector());
    List<ServicePort> ports = new ArrayList<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (Spec.TargetedPort targeted : spec.ports()) {
      int servicePort = targeted.port().port();
      ports.add(targeted.port());
      List<String> without = new ArrayList<>();
      for (Workload workload : selected) {
        OptionalInt port = target(workload, targeted.target());
        if (port.isPresent() && !workload.address().isEmpty()) {
          boolean ready = workload.ready() || spec.has(Spec.ServiceTrait.NOT_READY_TOO);
          endpoints.add(endpoint(workload, port.getAsInt(), servicePort, ready));
        } else if (port.isEmpty() && !workload.listening().isEmpty()) {
          without.add(workload.id());
        }
      }
      warnAbout(without, targeted);
    }
    return new Draft(
        document.namespace(),
        document.name(),
        List.copyOf(ports),
        List.copyOf(endpoints),
        document.title(),
        naming(spec));
  }

  /** A Service whose endpoints stand in documents. */
  private Draft listed(Document document, Spec.ServiceSpec spec, SliceEndpoints slices) {
    List<ServicePort> ports = new ArrayList<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (Spec.TargetedPort targeted : spec.ports()) {
      int servicePort = targeted.port().port();
      ports.add(targeted.port());
      List<SliceEndpoints.Found> all = slices.of(document.key(), targeted);
      boolean noneReady = all.stream().noneMatch(found -> found.ready(false));
      for (SliceEndpoints.Found found : all) {
        boolean ready = spec.has(Spec.ServiceTrait.NOT_READY_TOO) || found.ready(noneReady);
        endpoints.add(
            found
                .workload()
                .map(workload -> endpoint(workload, found.port(), servicePort, ready))
                .orElseGet(() -> found.outside(servicePort, ready)));
      }
    }
    return new Draft(
        document.namespace(),
        document.name(),
        List.copyOf(ports),
        List.copyOf(endpoints),
        document.title(),
        naming(spec));
  }

  private static Naming naming(Spec.ServiceSpec spec) {
    return spec.has(Spec.ServiceTrait.HEADLESS) ? Naming.HEADLESS : Naming.VIRTUAL;
  }

  /** Ports are only for routes here: the world outside has more than a document says. */
  private static Draft external(Document document, Spec.ServiceSpec spec) {
    List<ServicePort> ports =
        spec.ports().isEmpty()
            ? List.of(
                new ServicePort("http", HTTP_PORT, "http"),
                new ServicePort("https", HTTPS_PORT, "https"))
            : spec.ports().stream().map(Spec.TargetedPort::port).toList();
    return new Draft(
        document.namespace(), document.name(), ports, List.of(), document.title(), Naming.EXTERNAL);
  }

  private static OptionalInt target(Workload workload, Spec.TargetPort target) {
    if (target.number() > 0) {
      return workload.listening().contains(target.number())
          ? OptionalInt.of(target.number())
          : OptionalInt.empty();
    }
    Integer named = workload.ports().get(target.name());
    if (named != null) {
      return OptionalInt.of(named);
    }
    return onlyPort(workload);
  }

  private static OptionalInt onlyPort(Workload workload) {
    return workload.listening().size() == 1
        ? OptionalInt.of(workload.listening().get(0))
        : OptionalInt.empty();
  }

  private void warnAbout(List<String> without, Spec.TargetedPort targeted) {
    if (without.isEmpty()) {
      return;
    }
    int named = Math.min(NAMED_IN_MESSAGES, without.size());
    String more = without.size() > named ? " and " + (without.size() - named) + " more" : "";
    diagnostics.add(
        Code.NO_TARGET_PORT.at(
            targeted.place(),
            "targetPort "
                + targeted.target()
                + " is no port of "
                + String.join(", ", without.subList(0, named))
                + more));
  }

  /** Clients must know where the mesh stays out: to such a port they connect in plaintext. */
  private Endpoint endpoint(Workload workload, int port, int servicePort, boolean ready) {
    return new Endpoint(
        workload.address(),
        port,
        servicePort,
        workload.id(),
        inbound.disabled(workload, port) ? "" : workload.spiffeId(),
        workload.effectiveLabels(),
        ready);
  }

  private void implied(Map<String, Draft> drafts) {
    Map<String, List<Workload>> orphans = new TreeMap<>();
    for (Workload workload : workloads) {
      String name = workload.service().toLowerCase(Locale.ROOT);
      if (name.isEmpty() || drafts.containsKey(workload.namespace() + "/" + name)) {
        continue;
      }
      if (!Names.isLabel(name) || !Names.isLabel(workload.namespace())) {
        diagnostics.add(
            Code.UNUSABLE_NAME.at(
                new Place("workload " + workload.id(), 1, 1),
                "\""
                    + workload.service()
                    + "\" cannot be part of a host name; nobody can call it"));
        continue;
      }
      orphans
          .computeIfAbsent(workload.namespace() + "/" + name, key -> new ArrayList<>())
          .add(workload);
    }
    orphans.forEach((key, found) -> implied(key, found).ifPresent(d -> drafts.put(key, d)));
  }

  private Optional<Draft> implied(String key, List<Workload> workloads) {
    TreeSet<Integer> numbers = new TreeSet<>();
    Map<Integer, String> names = new TreeMap<>();
    for (Workload workload : workloads) {
      numbers.addAll(workload.listening());
      new TreeMap<>(workload.ports()).forEach((name, port) -> names.putIfAbsent(port, name));
    }
    boolean alsoHttp =
        !numbers.contains(HTTP_PORT)
            && !numbers.isEmpty()
            && workloads.stream().allMatch(workload -> workload.listening().size() <= 1);
    if (alsoHttp) {
      numbers.add(HTTP_PORT);
    }
    List<ServicePort> ports = new ArrayList<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (int number : numbers) {
      ports.add(new ServicePort(names.getOrDefault(number, ""), number, ""));
      for (Workload workload : workloads) {
        boolean http = alsoHttp && number == HTTP_PORT;
        OptionalInt port =
            http ? onlyPort(workload) : target(workload, new Spec.TargetPort(number, ""));
        if (port.isPresent() && !workload.address().isEmpty()) {
          endpoints.add(endpoint(workload, port.getAsInt(), number, workload.ready()));
        }
      }
    }
    int slash = key.indexOf('/');
    return numbers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Draft(
                key.substring(0, slash),
                key.substring(slash + 1),
                List.copyOf(ports),
                List.copyOf(endpoints),
                "",
                Naming.VIRTUAL));
  }
}
