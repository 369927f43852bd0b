package dev.weft.policy.compile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A running instance that registered itself. Immutable.
 *
 * @param id unique name of the instance
 * @param service the service it says it belongs to; may be empty
 * @param spiffeId the identity its certificate carries
 * @param address IP literal under which others reach it; empty: not known yet, then it is no
 *     endpoint
 * @param labels what Services and policies select by, see {@link #effectiveLabels}
 * @param listening the TCP ports it listens on now
 * @param ports its ports by name, for named targetPorts
 * @param ready whether new requests may go there
 */
public record Workload(
    String id,
    String service,
    String namespace,
    String serviceAccount,
    String spiffeId,
    String address,
    Map<String, String> labels,
    List<Integer> listening,
    Map<String, Integer> ports,
    boolean ready) {

  /**
   * Its labels, and {@code app: <service>} when it has no label {@code app}: so a selector works
   * for workloads of which nothing is known but their service.
   */
  public Map<String, String> effectiveLabels() {
    if (service.isEmpty() || labels.containsKey("app")) {
      return labels;
    }
    Map<String, String> effective = new LinkedHashMap<>(labels);
    effective.put("app", service);
    return Map.copyOf(effective);
  }

  /** Whether it carries all of these labels. */
  boolean matches(Map<String, String> selector) {
    return effectiveLabels().entrySet().containsAll(selector.entrySet());
  }
}
