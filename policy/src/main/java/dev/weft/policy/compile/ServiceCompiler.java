package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.ServicePort;
import dev.weft.policy.compile.ServiceDraft.Naming;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Names;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Services from documents, services implied by workloads, and their endpoints. */
final class ServiceCompiler {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int NAMED_IN_MESSAGES = 3;

  private final WorkloadIndex index;
  private final StaticEndpoints entries;
  private final InboundCompiler inbound;
  private final DraftedService.Drafts drafted;
  private final List<Diagnostic> diagnostics;

  private ServiceCompiler(
      WorkloadIndex index,
      StaticEndpoints entries,
      InboundCompiler inbound,
      DraftedService.Drafts drafted,
      List<Diagnostic> diagnostics) {
    this.index = index;
    this.entries = entries;
    this.inbound = inbound;
    this.drafted = drafted;
    this.diagnostics = diagnostics;
  }

  /** All services, in order of namespace and name. */
  static List<CompiledService> compile(
      List<Document> documents,
      WorkloadIndex index,
      InboundCompiler inbound,
      String trustDomain,
      DraftedService.Drafts drafted,
      List<Diagnostic> diagnostics) {
    StaticEndpoints entries = new StaticEndpoints(documents, index.all(), trustDomain);
    ServiceCompiler compiler = new ServiceCompiler(index, entries, inbound, drafted, diagnostics);
    Map<String, ServiceDraft> drafts = new TreeMap<>();
    Map<String, Spec.ServiceSpec> specs = new HashMap<>();
    SliceEndpoints slices = new SliceEndpoints(documents, index.all(), diagnostics);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.ServiceSpec spec) {
        String key = document.key();
        specs.put(key, spec);
        if (spec.externalName().isPresent()) {
          drafts.put(key, external(document, spec));
        } else if (!spec.ports().isEmpty()) {
          if (spec.selector().isEmpty()) {
            drafts.put(key, compiler.listed(document, spec, slices));
          } else {
            compiler.selected(document, spec).ifPresent(draft -> drafts.put(key, draft));
          }
        }
      }
    }
    slices.warnOfIdle(specs);
    compiler.implied(drafts);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.ServiceEntrySpec spec && !spec.ports().isEmpty()) {
        compiler.entry(document, spec, drafts);
      }
    }
    Map<String, String> addresses = VirtualAddresses.of(drafts.keySet());
    List<CompiledService> services = new ArrayList<>();
    drafts.forEach((key, draft) -> services.add(draft.at(key, addresses.getOrDefault(key, ""))));
    return List.copyOf(services);
  }

  private Optional<ServiceDraft> selected(Document document, Spec.ServiceSpec spec) {
    String namespace = document.namespace();
    List<List<StaticEndpoints.Found>> found = new ArrayList<>();
    for (Spec.TargetedPort targeted : spec.ports()) {
      found.add(entries.selected(namespace, spec.selector(), targeted));
    }
    return drafted.draft(
        new Reuse.DocumentKey(document),
        index.select(namespace, spec.selector()),
        modes(namespace, found),
        found,
        () -> Optional.of(declared(document, spec)));
  }

  /** What decides about the modes of a namespace's workloads, and of those that documents name. */
  private List<InboundCompiler.Modes> modes(
      String namespace, List<List<StaticEndpoints.Found>> found) {
    List<InboundCompiler.Modes> modes = new ArrayList<>(1);
    modes.add(inbound.modes(namespace));
    for (List<StaticEndpoints.Found> ofPort : found) {
      for (StaticEndpoints.Found one : ofPort) {
        if (one instanceof StaticEndpoints.Found.Registered registered) {
          modes.add(inbound.modes(registered.workload().namespace()));
        }
      }
    }
    return modes;
  }

  private ServiceDraft declared(Document document, Spec.ServiceSpec spec) {
    boolean notReadyToo = spec.has(Spec.ServiceTrait.NOT_READY_TOO);
    List<ServicePort> ports = new ArrayList<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (Spec.TargetedPort targeted : spec.ports()) {
      ports.add(targeted.port());
      endpoints.addAll(selected(document.namespace(), spec.selector(), targeted, notReadyToo));
    }
    return new ServiceDraft(
        document.namespace(),
        document.name(),
        List.copyOf(ports),
        List.copyOf(endpoints),
        document.title(),
        naming(spec));
  }

  /** The workloads and {@code WorkloadEntry}s of a namespace that serve a port. */
  private List<Endpoint> selected(
      String namespace,
      Map<String, String> selector,
      Spec.TargetedPort targeted,
      boolean notReadyToo) {
    int servicePort = targeted.port().port();
    List<Endpoint> endpoints = new ArrayList<>();
    List<String> without = new ArrayList<>();
    for (Workload workload : index.select(namespace, selector)) {
      OptionalInt port = target(workload, targeted.target());
      if (port.isPresent() && !workload.address().isEmpty()) {
        int at = port.getAsInt();
        endpoints.add(endpoint(workload, at, servicePort, notReadyToo || workload.ready(at)));
      } else if (port.isEmpty() && !workload.listening().isEmpty()) {
        without.add(workload.id());
      }
    }
    warnAbout(without, targeted);
    for (Endpoint endpoint : known(entries.selected(namespace, selector, targeted), servicePort)) {
      // A workload that registered and has an entry, too, is one endpoint.
      if (endpoints.stream().noneMatch(one -> sameAddress(one, endpoint))) {
        endpoints.add(endpoint);
      }
    }
    return endpoints;
  }

  private static boolean sameAddress(Endpoint one, Endpoint other) {
    return one.address().equals(other.address()) && one.port() == other.port();
  }

  private List<Endpoint> known(List<StaticEndpoints.Found> found, int servicePort) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (StaticEndpoints.Found one : found) {
      if (one instanceof StaticEndpoints.Found.Registered registered) {
        Workload workload = registered.workload();
        endpoints.add(
            endpoint(workload, registered.port(), servicePort, workload.ready(registered.port())));
      } else if (one instanceof StaticEndpoints.Found.Named named) {
        endpoints.add(named.endpoint());
      }
    }
    return endpoints;
  }

  /** A {@code ServiceEntry} is a service by the name of its first host. */
  private void entry(
      Document document, Spec.ServiceEntrySpec spec, Map<String, ServiceDraft> drafts) {
    String namespace = document.namespace();
    String name = spec.hosts().get(0);
    String key = namespace + "/" + name;
    if (drafts.containsKey(key)) {
      diagnostics.add(
          Code.HOST_TAKEN.at(
              spec.place(),
              "there is a Service " + key + " already; the ServiceEntry has no effect"));
      return;
    }
    List<ServicePort> ports = new ArrayList<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (Spec.TargetedPort targeted : spec.ports()) {
      ports.add(targeted.port());
      if (spec.balanced()) {
        endpoints.addAll(selected(namespace, spec.selector(), targeted, false));
        endpoints.addAll(
            known(
                entries.named(namespace, document.name(), spec.endpoints(), targeted),
                targeted.port().port()));
      }
    }
    // The first host stands last: the most specific name is what telemetry shows.
    List<String> hosts = new ArrayList<>(spec.addresses());
    hosts.addAll(spec.hosts().subList(1, spec.hosts().size()));
    hosts.add(name);
    drafts.put(
        key,
        new ServiceDraft(
            namespace,
            name,
            List.copyOf(ports),
            List.copyOf(endpoints),
            document.title(),
            spec.balanced() ? Naming.VIRTUAL : Naming.EXTERNAL,
            spec.external(),
            List.copyOf(hosts),
            spec.exportTo()));
  }

  /** A Service whose endpoints stand in documents. */
  private ServiceDraft listed(Document document, Spec.ServiceSpec spec, SliceEndpoints slices) {
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
    return new ServiceDraft(
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
  private static ServiceDraft external(Document document, Spec.ServiceSpec spec) {
    List<ServicePort> ports =
        spec.ports().isEmpty()
            ? List.of(
                new ServicePort("http", HTTP_PORT, "http"),
                new ServicePort("https", HTTPS_PORT, "https"))
            : spec.ports().stream().map(Spec.TargetedPort::port).toList();
    return new ServiceDraft(
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
        ready,
        workload.traits().locality(),
        workload.traits().weight(),
        ready ? Optional.empty() : workload.traits().unready(port));
  }

  private void implied(Map<String, ServiceDraft> drafts) {
    index
        .byService()
        .forEach(
            (owner, workloads) -> {
              if (drafts.containsKey(owner.key())) {
                return;
              }
              if (!Names.isLabel(owner.service()) || !Names.isLabel(owner.namespace())) {
                workloads.forEach(this::warnOfName);
                return;
              }
              drafted
                  .draft(
                      owner,
                      workloads,
                      modes(owner.namespace(), List.of()),
                      List.of(),
                      () -> implied(owner.key(), workloads))
                  .ifPresent(draft -> drafts.put(owner.key(), draft));
            });
  }

  private void warnOfName(Workload workload) {
    diagnostics.add(
        Code.UNUSABLE_NAME.at(
            new Place("workload " + workload.id(), 1, 1),
            "\"" + workload.service() + "\" cannot be part of a host name; nobody can call it"));
  }

  private Optional<ServiceDraft> implied(String key, List<Workload> workloads) {
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
      Set<String> protocols = new TreeSet<>();
      for (Workload workload : workloads) {
        boolean http = alsoHttp && number == HTTP_PORT;
        OptionalInt port =
            http ? onlyPort(workload) : target(workload, new Spec.TargetPort(number, ""));
        if (port.isPresent()) {
          int at = port.getAsInt();
          protocols.add(workload.traits().protocols().getOrDefault(at, ""));
          if (!workload.address().isEmpty()) {
            endpoints.add(endpoint(workload, at, number, workload.ready(at)));
          }
        }
      }
      // Where workloads speak differently, or one does not say, the port says nothing.
      String protocol = protocols.size() == 1 ? protocols.iterator().next() : "";
      ports.add(new ServicePort(names.getOrDefault(number, ""), number, protocol));
    }
    int slash = key.indexOf('/');
    return numbers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ServiceDraft(
                key.substring(0, slash),
                key.substring(slash + 1),
                List.copyOf(ports),
                List.copyOf(endpoints),
                "",
                Naming.VIRTUAL));
  }
}
