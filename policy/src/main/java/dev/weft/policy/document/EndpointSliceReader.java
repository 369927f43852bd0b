package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code EndpointSlice}s: addresses of a Service that nobody registers. */
final class EndpointSliceReader {
  /** Names the Service to which a slice belongs. */
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private static final int MAX_PORT = 65_535;
  private static final int MOST_ENDPOINTS = 1000;
  private static final int MOST_PORTS = 100;

  private EndpointSliceReader() {}

  static Spec read(Fields document, Metadata metadata) {
    Optional<String> service = Optional.ofNullable(metadata.labels().get(SERVICE_NAME));
    if (service.isEmpty()) {
      document.problem(
          Code.NO_ENDPOINTS,
          "metadata",
          "has no label \"" + SERVICE_NAME + "\"; the endpoints belong to no Service");
    }
    Optional<String> type = document.choice("addressType", List.of("IPv4", "IPv6", "FQDN"));
    if (!document.has("addressType")) {
      document.problem(Code.MISSING_FIELD, "field \"addressType\" is missing");
    }
    List<Spec.SlicePort> ports = ports(document);
    List<Spec.SliceEndpoint> endpoints = new ArrayList<>();
    for (Fields item : document.objects("endpoints")) {
      endpoint(item, type.orElse("")).ifPresent(endpoints::add);
    }
    Portability.limit(document, "endpoints", MOST_ENDPOINTS);
    Portability.limit(document, "ports", MOST_PORTS);
    if (type.equals(Optional.of("FQDN"))) {
      document.problem(
          Code.NO_ENDPOINTS, "addressType", "endpoints must be IP addresses; names are left out");
      endpoints.clear();
    }
    return new Spec.EndpointSliceSpec(
        service.map(name -> metadata.namespace() + "/" + name),
        ports,
        List.copyOf(endpoints),
        document.place());
  }

  private static List<Spec.SlicePort> ports(Fields document) {
    List<Spec.SlicePort> ports = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields item : document.objects("ports")) {
      String name = item.text("name").orElse("");
      Optional<Integer> port = item.number("port", 1, MAX_PORT);
      Optional<String> protocol = item.choice("protocol", List.of("TCP", "UDP", "SCTP"));
      item.ignore("appProtocol");
      item.finish();
      if (!names.add(name)) {
        item.problem(Code.BAD_VALUE, "name", "port \"" + name + "\" stands here twice");
      }
      if (!item.has("port")) {
        item.problem(Code.NOT_ENFORCED, "a port without number is every port, which none can be");
      } else if (port.isPresent() && protocol.orElse("TCP").equals("TCP")) {
        ports.add(new Spec.SlicePort(name, port.get()));
      }
    }
    return List.copyOf(ports);
  }

  private static Optional<Spec.SliceEndpoint> endpoint(Fields fields, String type) {
    List<Fields.Text> addresses = fields.texts("addresses");
    if (addresses.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "field \"addresses\" is missing");
    }
    boolean ready = true;
    boolean serving = true;
    boolean terminating = false;
    Optional<Fields> conditions = fields.object("conditions");
    if (conditions.isPresent()) {
      // What nobody knows is taken for yes, as Kubernetes tells consumers to.
      ready = conditions.get().flag("ready").orElse(true);
      serving = conditions.get().flag("serving").orElse(ready);
      terminating = conditions.get().flag("terminating").orElse(false);
      conditions.get().finish();
    }
    Optional<String> zone = fields.text("zone");
    fields.ignore("hostname", "nodeName", "targetRef", "hints", "deprecatedTopology");
    fields.finish();
    Optional<String> first = Optional.empty();
    for (Fields.Text address : addresses) {
      Optional<String> literal = IpLiteral.canonical(address.value());
      boolean v6 = address.value().contains(":");
      if (type.startsWith("IP") && (literal.isEmpty() || v6 != type.equals("IPv6"))) {
        fields.problem(
            Code.BAD_VALUE,
            address,
            "expected an address of type " + type + ", found \"" + address.value() + "\"");
      }
      // Several addresses are one endpoint's; Kubernetes lets consumers take the first.
      first = first.or(() -> literal);
    }
    Spec.Readiness readiness =
        ready
            ? Spec.Readiness.READY
            : serving && terminating ? Spec.Readiness.LEAVING : Spec.Readiness.NOT_READY;
    return first.map(address -> new Spec.SliceEndpoint(address, readiness, zone));
  }
}
