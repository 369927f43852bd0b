package dev.weft.server.diff;

import dev.weft.policy.ConnectionPool;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Subset;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.tree.Leaves;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What becomes different about one service. Stateless. */
final class ServiceChanges {
  /** These are not limits of the servers. */
  private static final String CLIENTS = "clients: ";

  /** Parts of a service that are compared in words. */
  private static final Set<String> SAID =
      Set.of(
          "name",
          "namespace",
          "hosts",
          "virtualAddress",
          "ports",
          "endpoints",
          "pool",
          "routes",
          "policies",
          "subsets",
          "external");

  private ServiceChanges() {}

  static void add(Service old, Service now, Set<Change> changes) {
    String key = now.key();
    List<String> gone = new ArrayList<>(old.hosts());
    gone.removeAll(now.hosts());
    List<String> fresh = new ArrayList<>(now.hosts());
    fresh.removeAll(old.hosts());
    fresh.forEach(host -> changes.add(new Change(key, "is called " + host + ", too", false)));
    gone.forEach(host -> changes.add(new Change(key, "is no longer called " + host, true)));
    ports(old, now, changes);
    targets(old, now, changes);
    behaviour(old, now, changes);
  }

  private static void ports(Service old, Service now, Set<Change> changes) {
    Map<Integer, ServicePort> before = new TreeMap<>();
    old.ports().forEach(port -> before.put(port.port(), port));
    Map<Integer, ServicePort> after = new TreeMap<>();
    now.ports().forEach(port -> after.put(port.port(), port));
    before.forEach(
        (number, port) -> {
          ServicePort other = after.get(number);
          if (other == null) {
            changes.add(new Change(now.key(), "port " + number + " is removed", true));
          } else if (!other.equals(port)) {
            MeshDiff.leaves(
                now.key(),
                "port " + number + ": ",
                Leaves.of(Trees.toTree(port)),
                Leaves.of(Trees.toTree(other)),
                changes);
          }
        });
    after.keySet().stream()
        .filter(number -> !before.containsKey(number))
        .forEach(number -> changes.add(new Change(now.key(), "port " + number + " is new", false)));
  }

  /** Which workloads are behind it, and on which of their ports. */
  private static void targets(Service old, Service now, Set<Change> changes) {
    for (ServicePort port : now.ports()) {
      Set<String> before = targets(old, port.port());
      Set<String> after = targets(now, port.port());
      boolean both = old.ports().stream().anyMatch(other -> other.port() == port.port());
      if (both && !before.equals(after)) {
        changes.add(
            new Change(
                now.key(),
                "port " + port.port() + " leads to " + text(after) + " instead of " + text(before),
                after.isEmpty()));
      }
    }
  }

  private static Set<String> targets(Service service, int port) {
    Set<String> targets = new TreeSet<>();
    for (Endpoint endpoint : service.endpoints()) {
      if (endpoint.servicePort() == port) {
        targets.add("port " + endpoint.port() + " of " + new TreeMap<>(endpoint.labels()));
      }
    }
    return targets;
  }

  private static String text(Set<String> targets) {
    return targets.isEmpty() ? "nobody" : String.join(" and ", targets);
  }

  /** What clients do with calls to it. */
  static void behaviour(Service old, Service now, Set<Change> changes) {
    for (ServicePort port : now.ports()) {
      if (old.ports().stream().anyMatch(other -> other.port() == port.port())) {
        RouteChanges.add(old, now, port.port(), changes);
      }
    }
    MeshDiff.leaves(
        now.key(),
        CLIENTS,
        old.pool().map(ServiceChanges::leaves).orElse(Map.of()),
        now.pool().map(ServiceChanges::leaves).orElse(Map.of()),
        changes);
    MeshDiff.leaves(
        now.key(), CLIENTS, policies("", old.policies()), policies("", now.policies()), changes);
    MeshDiff.leaves(now.key(), CLIENTS, subsets(old), subsets(now), changes);
    MeshDiff.leaves(now.key(), CLIENTS, rest(old), rest(now), changes);
    MeshDiff.leaves(
        now.key(),
        "outside the mesh: ",
        old.external().map(external -> Leaves.of(Trees.toTree(external))).orElse(Map.of()),
        now.external().map(external -> Leaves.of(Trees.toTree(external))).orElse(Map.of()),
        changes);
  }

  /** What has no words of its own; who says it does not matter. */
  private static Map<String, String> rest(Service service) {
    Map<String, Object> tree = Trees.toTree(service);
    tree.keySet().removeAll(SAID);
    Map<String, String> leaves = Leaves.of(tree);
    leaves.keySet().removeIf(name -> name.endsWith("rule"));
    return leaves;
  }

  private static Map<String, String> leaves(ConnectionPool pool) {
    Map<String, String> leaves = Leaves.of(Trees.toTree(pool));
    leaves.remove("rule"); // who says it does not matter
    return leaves;
  }

  private static Map<String, String> policies(String prefix, List<TrafficPolicy> policies) {
    Map<String, String> all = new LinkedHashMap<>();
    for (TrafficPolicy policy : policies) {
      Map<String, String> leaves = Leaves.of(Trees.toTree(policy));
      leaves.remove("rule");
      leaves.remove("ports");
      String ports = policy.ports().isEmpty() ? "" : "port " + policy.ports() + ".";
      leaves.forEach((key, value) -> all.putIfAbsent(prefix + ports + key, value));
    }
    return all;
  }

  private static Map<String, String> subsets(Service service) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Subset subset : service.subsets()) {
      all.put("subset " + subset.name(), new TreeMap<>(subset.labels()).toString());
      all.putAll(policies("subset " + subset.name() + ".", subset.policies()));
    }
    return all;
  }
}
