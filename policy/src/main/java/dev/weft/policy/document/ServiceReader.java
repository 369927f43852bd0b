package dev.weft.policy.document;

import dev.weft.policy.ServicePort;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads core {@code Service}s. */
final class ServiceReader {
  private static final int MAX_PORT = 65_535;
  private static final String EXPORT_TO = "networking.istio.io/exportTo";

  private ServiceReader() {}

  static Spec read(Fields document, Metadata metadata) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    Optional<String> type =
        fields.choice("type", List.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"));
    boolean external = type.equals(Optional.of("ExternalName"));
    Optional<String> externalName = external ? externalName(fields) : Optional.empty();
    Map<String, String> selector = fields.textMap("selector");
    if (external && !selector.isEmpty()) {
      fields.problem(
          Code.DOES_NOT_FIT, "selector", "a Service of type ExternalName has no workloads");
    }
    List<Spec.TargetedPort> ports = ports(fields, external);
    Set<Spec.ServiceTrait> traits = traits(fields);
    fields.ignore(
        "clusterIPs",
        "externalIPs",
        "externalName",
        "ipFamilies",
        "ipFamilyPolicy",
        "internalTrafficPolicy",
        "externalTrafficPolicy",
        "healthCheckNodePort",
        "allocateLoadBalancerNodePorts",
        "loadBalancerIP",
        "loadBalancerClass",
        "loadBalancerSourceRanges",
        "trafficDistribution");
    fields.finish();
    return new Spec.ServiceSpec(
        Map.copyOf(selector),
        List.copyOf(ports),
        traits,
        externalName,
        exportTo(document, metadata));
  }

  /** Istio's annotation for Services that are written for Kubernetes. */
  private static List<String> exportTo(Fields document, Metadata metadata) {
    List<String> namespaces = new ArrayList<>();
    for (String part : metadata.annotations().getOrDefault(EXPORT_TO, "").split(",", -1)) {
      String namespace = part.strip();
      if (Names.isLabel(namespace) || List.of("*", ".", "~").contains(namespace)) {
        namespaces.add(namespace);
      } else if (!namespace.isEmpty()) {
        document.problem(
            Code.BAD_VALUE,
            "metadata",
            "annotation "
                + EXPORT_TO
                + " lists namespaces, \"*\", \".\" or \"~\"; found \""
                + namespace
                + "\"");
      }
    }
    return List.copyOf(namespaces);
  }

  private static Optional<String> externalName(Fields fields) {
    String name = fields.requiredText("externalName").toLowerCase(Locale.ROOT);
    if (!name.isEmpty() && !Names.isSubdomain(name)) {
      fields.problem(Code.BAD_VALUE, "externalName", "expected a DNS name, found \"" + name + "\"");
    }
    return Optional.of(name);
  }

  private static Set<Spec.ServiceTrait> traits(Fields fields) {
    Set<Spec.ServiceTrait> traits = EnumSet.noneOf(Spec.ServiceTrait.class);
    if (fields.text("clusterIP").equals(Optional.of("None"))) {
      traits.add(Spec.ServiceTrait.HEADLESS);
    }
    if (fields.flag("publishNotReadyAddresses").orElse(false)) {
      traits.add(Spec.ServiceTrait.NOT_READY_TOO);
    }
    if (fields
        .choice("sessionAffinity", List.of("None", "ClientIP"))
        .equals(Optional.of("ClientIP"))) {
      traits.add(Spec.ServiceTrait.CLIENT_IP);
    }
    // A hash keeps no sessions that could time out.
    fields.ignore("sessionAffinityConfig");
    return Set.copyOf(traits);
  }

  private static List<Spec.TargetedPort> ports(Fields fields, boolean external) {
    List<Fields> items = fields.objects("ports");
    if (items.isEmpty() && !external) {
      fields.problem(Code.MISSING_FIELD, "a Service needs at least one port");
    }
    Set<String> names = new HashSet<>();
    Set<Integer> numbers = new HashSet<>();
    List<Spec.TargetedPort> ports = new ArrayList<>();
    for (Fields item : items) {
      String name = item.text("name").orElse("");
      if (name.isEmpty() && items.size() > 1) {
        item.problem(Code.MISSING_FIELD, "ports need names where there are several");
      } else if (!name.isEmpty() && !Names.isLabel(name)) {
        item.problem(Code.BAD_VALUE, "name", "expected a DNS label, found \"" + name + "\"");
      } else if (!names.add(name)) {
        item.problem(Code.BAD_VALUE, "name", "port \"" + name + "\" stands here twice");
      }
      if (!item.has("port")) {
        item.problem(Code.MISSING_FIELD, "field \"port\" is missing");
      }
      Optional<Integer> number = item.number("port", 1, MAX_PORT);
      Optional<Spec.TargetPort> target = target(item);
      String appProtocol = item.text("appProtocol").orElse("");
      Optional<String> protocol = item.choice("protocol", List.of("TCP", "UDP", "SCTP"));
      item.ignore("nodePort");
      item.finish();
      if (protocol.isPresent() && !protocol.get().equals("TCP")) {
        item.problem(Code.NOT_ENFORCED, "protocol", "only TCP ports are part of the mesh");
        continue;
      }
      if (number.isEmpty()) {
        continue;
      }
      if (!numbers.add(number.get())) {
        item.problem(Code.BAD_VALUE, "port", "port " + number.get() + " stands here twice");
      }
      ports.add(
          new Spec.TargetedPort(
              new ServicePort(
                  name, number.get(), appProtocol.isEmpty() ? PortProtocol.of(name) : appProtocol),
              target.orElse(new Spec.TargetPort(number.get(), "")),
              item.place()));
    }
    return ports;
  }

  private static Optional<Spec.TargetPort> target(Fields port) {
    if (port.isNumber("targetPort")) {
      return port.number("targetPort", 1, MAX_PORT).map(n -> new Spec.TargetPort(n, ""));
    }
    Optional<String> name = port.text("targetPort");
    if (name.isPresent() && (!Names.isLabel(name.get()) || name.get().matches("[0-9]+"))) {
      port.problem(
          Code.BAD_VALUE,
          "targetPort",
          "expected a number without quotes or a port's name, found \"" + name.get() + "\"");
      return Optional.empty();
    }
    return name.map(n -> new Spec.TargetPort(0, n));
  }
}
