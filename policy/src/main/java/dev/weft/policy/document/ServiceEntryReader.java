package dev.weft.policy.document;

import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads Istio {@code ServiceEntry}s.
 *
 * @see <a href="https://istio.io/latest/docs/reference/config/networking/service-entry/">Istio,
 *     ServiceEntry</a>
 */
final class ServiceEntryReader {
  private static final int MAX_PORT = 65_535;
  private static final List<String> PROTOCOLS =
      List.of("HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "MONGO", "TCP", "TLS");
  private static final List<String> RESOLUTIONS =
      List.of("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS");

  private ServiceEntryReader() {}

  static Spec read(Fields document, Metadata metadata) {
    return IstioFields.spec(document)
        .map(fields -> spec(fields, metadata.namespace()))
        .orElseGet(Spec.Nothing::new);
  }

  private static Spec spec(Fields fields, String namespace) {
    List<String> hosts = hosts(fields);
    List<String> addresses = addresses(fields);
    List<Spec.TargetedPort> ports = ports(fields);
    boolean internal =
        fields
            .choice("location", List.of("MESH_EXTERNAL", "MESH_INTERNAL"))
            .equals(Optional.of("MESH_INTERNAL"));
    String resolution = fields.choice("resolution", RESOLUTIONS).orElse("NONE");
    List<Spec.StaticEndpoint> endpoints = new ArrayList<>();
    for (Fields item : fields.objects("endpoints")) {
      endpoints.add(WorkloadEntryReader.endpoint(item, !resolution.equals("STATIC")));
    }
    Map<String, String> selector =
        fields.object("workloadSelector").map(ServiceEntryReader::labels).orElse(Map.of());
    List<String> exportTo = IstioFields.exportTo(fields, namespace);
    List<String> names = fields.texts("subjectAltNames").stream().map(Fields.Text::value).toList();
    fields.notEnforced("subjectAltNames");
    fields.finish();
    if (fields.has("endpoints") && fields.has("workloadSelector")) {
      fields.problem(Code.BAD_VALUE, "endpoints and workloadSelector exclude each other");
    }
    check(fields, resolution, hosts, endpoints.isEmpty() && selector.isEmpty());
    return new Spec.ServiceEntrySpec(
        hosts,
        addresses,
        ports,
        external(resolution, internal),
        List.copyOf(endpoints),
        selector,
        exportTo,
        names,
        fields.place());
  }

  private static Optional<Service.External> external(String resolution, boolean internal) {
    return switch (resolution) {
      case "STATIC" ->
          internal
              ? Optional.empty()
              : Optional.of(new Service.External(Service.Resolution.STATIC));
      case "NONE" -> Optional.of(new Service.External(Service.Resolution.NONE));
      default -> Optional.of(new Service.External(Service.Resolution.DNS));
    };
  }

  private static void check(
      Fields fields, String resolution, List<String> hosts, boolean noEndpoints) {
    boolean wildcard = hosts.stream().anyMatch(host -> host.startsWith("*"));
    switch (resolution) {
      case "STATIC" -> {
        if (noEndpoints) {
          fields.problem(
              Code.MISSING_FIELD, "resolution STATIC needs endpoints or a workloadSelector");
        }
      }
      case "NONE" -> {
        if (fields.has("endpoints")) {
          fields.problem(
              Code.BAD_VALUE,
              "endpoints",
              "resolution NONE goes where the application connects to");
        }
      }
      case "DYNAMIC_DNS" -> {} // Istio's resolution of names with a star, by the name called
      default -> {
        if (wildcard && noEndpoints) {
          fields.problem(
              Code.BAD_VALUE, "hosts", "DNS cannot resolve a host with \"*\"; use resolution NONE");
        }
        if (!noEndpoints) {
          fields.problem(
              Code.NOT_ENFORCED,
              fields.has("endpoints") ? "endpoints" : "workloadSelector",
              "the application resolves its own name; endpoints of a resolution by DNS have no"
                  + " effect");
        }
      }
    }
  }

  private static List<String> hosts(Fields fields) {
    List<String> hosts = new ArrayList<>();
    for (Fields.Text text : fields.texts("hosts")) {
      String host = IstioFields.host(fields, text);
      if (host.equals("*")) {
        fields.problem(
            Code.BAD_VALUE, text, "every host at once is none; expected *.example.com or a name");
      }
      if (hosts.contains(host)) {
        fields.problem(Code.BAD_VALUE, text, "host \"" + host + "\" stands here twice");
      }
      hosts.add(host);
    }
    if (hosts.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "a ServiceEntry needs at least one host");
    }
    return List.copyOf(hosts);
  }

  private static List<String> addresses(Fields fields) {
    List<String> addresses = new ArrayList<>();
    for (Fields.Text text : fields.texts("addresses")) {
      String address = text.value();
      if (WorkloadEntryReader.isAddress(address)) {
        addresses.add(address);
      } else if (Cidr.isValid(address)) {
        fields.problem(
            Code.NOT_ENFORCED,
            text,
            "a whole network does not stand for a service; it has no effect");
      } else {
        fields.problem(
            Code.BAD_VALUE, text, "expected an IP address or a network, found \"" + address + "\"");
      }
    }
    return List.copyOf(addresses);
  }

  private static Map<String, String> labels(Fields selector) {
    Map<String, String> labels = selector.textMap("labels");
    selector.finish();
    if (labels.isEmpty()) {
      selector.problem(Code.BAD_VALUE, "labels are missing; it would select every workload");
    }
    return Map.copyOf(labels);
  }

  private static List<Spec.TargetedPort> ports(Fields fields) {
    List<Fields> items = fields.objects("ports");
    if (items.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "a ServiceEntry needs at least one port");
    }
    Set<String> names = new HashSet<>();
    Set<Integer> numbers = new HashSet<>();
    List<Spec.TargetedPort> ports = new ArrayList<>();
    for (Fields item : items) {
      Optional<Integer> number = item.number("number", 1, MAX_PORT);
      if (!item.has("number")) {
        item.problem(Code.MISSING_FIELD, "field \"number\" is missing");
      }
      String name = item.requiredText("name");
      if (!name.isEmpty() && !Names.isLabel(name)) {
        item.problem(Code.BAD_VALUE, "name", "expected a DNS label, found \"" + name + "\"");
      } else if (!name.isEmpty() && !names.add(name)) {
        item.problem(Code.BAD_VALUE, "name", "port \"" + name + "\" stands here twice");
      }
      Optional<String> protocol = item.choice("protocol", PROTOCOLS);
      Optional<Integer> target = item.number("targetPort", 1, MAX_PORT);
      item.finish();
      if (number.isPresent()) {
        if (!numbers.add(number.get())) {
          item.problem(Code.BAD_VALUE, "number", "port " + number.get() + " stands here twice");
        }
        ports.add(
            new Spec.TargetedPort(
                new ServicePort(
                    name, number.get(), protocol.map(p -> p.toLowerCase(Locale.ROOT)).orElse("")),
                new Spec.TargetPort(target.orElse(number.get()), ""),
                item.place()));
      }
    }
    return List.copyOf(ports);
  }
}
