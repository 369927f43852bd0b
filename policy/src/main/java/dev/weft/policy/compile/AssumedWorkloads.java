package dev.weft.policy.compile;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * One workload for every Service document, as its selector and ports describe it, so that a policy
 * can be explained where nothing runs. Stateless.
 */
public final class AssumedWorkloads {
  private static final int FIRST_NAMED_PORT = 49_152;

  private AssumedWorkloads() {}

  /** The workloads, in order of the documents. */
  public static List<Workload> of(PolicyStore policy, String trustDomain) {
    List<Workload> workloads = new ArrayList<>();
    for (Document document : policy.inForce()) {
      if (document.spec() instanceof Spec.ServiceSpec service && !service.selector().isEmpty()) {
        workloads.add(of(document, service, trustDomain, workloads.size()));
      }
    }
    return workloads;
  }

  private static Workload of(
      Document document, Spec.ServiceSpec service, String trustDomain, int index) {
    TreeSet<Integer> listening = new TreeSet<>();
    Map<String, Integer> named = new HashMap<>();
    for (Spec.TargetedPort port : service.ports()) {
      int number = port.target().number();
      if (number == 0) {
        number =
            named.computeIfAbsent(port.target().name(), name -> FIRST_NAMED_PORT + named.size());
      }
      listening.add(number);
    }
    String account = service.selector().getOrDefault("app", document.name());
    return new Workload(
        document.name()
            + "-assumed"
            + (document.namespace().equals("default") ? "" : "." + document.namespace()),
        account,
        document.namespace(),
        account,
        "spiffe://" + trustDomain + "/ns/" + document.namespace() + "/sa/" + account,
        // 192.0.2.0/24 is for documentation (RFC 5737)
        "192.0.2." + (1 + index % 254),
        service.selector(),
        List.copyOf(listening),
        named,
        true);
  }
}
