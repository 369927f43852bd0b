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
record WorkloadDescription(String instance, Settings settings, ListeningPorts listening) {

  static WorkloadDescription of(Settings settings, ListeningPorts listening) {
    return new WorkloadDescription(UUID.randomUUID().toString(), settings, listening);
  }

  /** The body of {@code /v1/enroll}. */
  Map<String, Object> enrolment(String token, String csr) {
    return Map.of("token", token, "csr", csr, "workload", workload());
  }

  /** The body of {@code /v1/watch}. */
  Map<String, Object> watch(String heldVersion) {
    Map<String, Object> workload = new LinkedHashMap<>(workload());
    workload.put("address", settings.address().orElse(""));
    workload.put("ports", settings.ports());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("protocol", 1);
    body.put("instance", instance);
    body.put("workload", workload);
    body.put("listening", ports());
    body.put("version", heldVersion);
    return body;
  }

  List<Integer> ports() {
    return listening.ports();
  }

  private Map<String, Object> workload() {
    return Map.of(
        "service", settings.service(),
        "namespace", settings.namespace(),
        "serviceAccount", settings.serviceAccount(),
        "labels", settings.labels());
  }
}
