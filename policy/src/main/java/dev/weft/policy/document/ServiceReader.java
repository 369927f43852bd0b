package dev.weft.policy.document;

import dev.weft.policy.ServicePort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads core {@code Service}s. */
final class ServiceReader {
  private static final int MAX_PORT = 65_535;

  private ServiceReader() {}

  static Spec read(Fields document) {
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
    if (type.equals(Optional.of("ExternalName"))) {
      fields.problem(
          Code.NOT_SUPPORTED, "type", "Services of type ExternalName are not supported yet");
    }
    Map<String, String> selector = fields.textMap("selector");
    if (selector.isEmpty()) {
      fields.problem(Code.NOT_ENFORCED, "a Service without selector has no endpoints yet");
    }
    List<Spec.TargetedPort> ports = ports(fields);
    if (fields.text("sessionAffinity").equals(Optional.of("ClientIP"))) {
      fields.notEnforced("sessionAffinity");
    }
    fields.ignore(
        "clusterIP",
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
        "publishNotReadyAddresses",
        "sessionAffinityConfig",
        "trafficDistribution");
    fields.finish();
    return new Spec.ServiceSpec(Map.copyOf(selector), List.copyOf(ports));
  }

  private static List<Spec.TargetedPort> ports(Fields fields) {
    List<Fields> items = fields.objects("ports");
    if (items.isEmpty()) {
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
              new ServicePort(name, number.get(), appProtocol),
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
