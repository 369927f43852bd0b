package dev.weft.agent.control;

import dev.weft.agent.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What this JVM says about itself to the config server. Thread-safe.
 *
 * @param instance unique for the life of the JVM
 */
record WorkloadDescription(
    String instance,
    Settings settings,
    ListeningPorts listening,
    Protocols protocols,
    Readiness readiness) {

  static WorkloadDescription of(
      Settings settings, ListeningPorts listening, Protocols protocols, Readiness readiness) {
    return new WorkloadDescription(
        UUID.randomUUID().toString(), settings, listening, protocols, readiness);
  }

  /** The body of {@code /v1/enroll}. */
  Map<String, Object> enrolment(String token, String csr) {
    return Map.of("token", token, "csr", csr, "workload", workload());
  }

  /**
   * The body of {@code /v1/watch}.
   *
   * @param held what protocol 2 adds; empty: protocol 1
   */
  Map<String, Object> watch(String heldVersion, Map<String, Object> held) {
    Map<String, Object> workload = new LinkedHashMap<>(workload());
    workload.put("address", settings.address().orElse(""));
    workload.put("ports", settings.ports());
    settings.locality().ifPresent(where -> workload.put("locality", where.toString()));
    settings.weight().ifPresent(weight -> workload.put("weight", weight));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("protocol", held.isEmpty() ? 1 : 2);
    body.put("instance", instance);
    body.put("workload", workload);
    body.put("version", heldVersion);
    putState(body);
    body.putAll(held);
    return body;
  }

  /** What changes during the life of the JVM; in watches and in reports. */
  void putState(Map<String, Object> body) {
    List<Integer> ports = listening.ports();
    body.put("listening", ports);
    body.put("protocols", protocols.of(ports));
    body.put("readiness", readiness.now());
  }

  private Map<String, Object> workload() {
    return Map.of(
        "service", settings.service(),
        "namespace", settings.namespace(),
        "serviceAccount", settings.serviceAccount(),
        "labels", settings.labels());
  }
}
