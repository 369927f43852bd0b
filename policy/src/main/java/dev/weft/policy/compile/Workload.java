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
 * @param traits what else is known of it
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
    boolean ready,
    Traits traits) {

  /** A workload of which nothing else is known. */
  public Workload(
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
    this(
        id,
        service,
        namespace,
        serviceAccount,
        spiffeId,
        address,
        labels,
        listening,
        ports,
        ready,
        Traits.NONE);
  }

  /** The same under another name. */
  public Workload named(String other) {
    return with(other, listening, ports, ready, traits);
  }

  /** The same on other ports. */
  public Workload on(List<Integer> nowListening, Map<String, Integer> nowNamed) {
    return with(id, nowListening, nowNamed, ready, traits);
  }

  /** The same with other traits; it is ready unless they say that it is not. */
  public Workload with(Traits other) {
    return with(id, listening, ports, other.unready().isEmpty(), other);
  }

  private Workload with(
      String nowId,
      List<Integer> nowListening,
      Map<String, Integer> nowNamed,
      boolean nowReady,
      Traits nowTraits) {
    return new Workload(
        nowId,
        service,
        namespace,
        serviceAccount,
        spiffeId,
        address,
        labels,
        nowListening,
        nowNamed,
        nowReady,
        nowTraits);
  }

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

  /** Whether new requests may go to one of its ports. */
  boolean ready(int port) {
    return ready && traits.unready(port).isEmpty();
  }

  /** Whether it carries all of these labels, effective ones included. */
  boolean matches(Map<String, String> selector) {
    for (Map.Entry<String, String> wanted : selector.entrySet()) {
      String value = labels.get(wanted.getKey());
      if (value == null && wanted.getKey().equals("app") && !service.isEmpty()) {
        value = service;
      }
      if (!wanted.getValue().equals(value)) {
        return false;
      }
    }
    return true;
  }
}
