package dev.weft.agent.telemetry;

import dev.weft.agent.config.Settings;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import dev.weft.policy.SpiffeId;
import java.util.Map;

/**
 * One end of a request, as Istio's metrics name it. Immutable.
 *
 * @param named the {@link #workload}, where {@code principal} need not be read for it; else empty
 * @param within the {@link #namespace}, likewise
 * @param principal SPIFFE ID; {@link #UNKNOWN} for plaintext
 * @param app label {@code app}, else the service
 * @param version label {@code version}
 */
record Party(String named, String within, String principal, String app, String version) {
  /** Istio's word for a label that cannot be known. */
  static final String UNKNOWN = "unknown";

  private static final Party NOBODY = new Party(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

  /** This workload. */
  static Party self(Settings settings, String spiffeId) {
    return new Party(
        known(settings.serviceAccount()),
        known(settings.namespace()),
        known(spiffeId),
        settings.labels().getOrDefault("app", known(settings.service())),
        version(settings.labels()));
  }

  /** The workload behind an endpoint of a service. */
  static Party of(Service service, Endpoint endpoint) {
    String app = endpoint.labels().getOrDefault("app", service.name());
    String version = version(endpoint.labels());
    if (!endpoint.mesh()) {
      return new Party(service.name(), service.namespace(), UNKNOWN, app, version);
    }
    // One for every request; its identity is read once for each series.
    return new Party("", "", endpoint.spiffeId(), app, version);
  }

  /** A caller, of whom only its certificate is known. */
  static Party of(Peer peer) {
    if (peer.spiffeId().isEmpty()) {
      return NOBODY;
    }
    SpiffeId id = peer.spiffeId().get();
    return new Party(
        id.serviceAccount(), id.namespace(), id.toString(), id.serviceAccount(), UNKNOWN);
  }

  /** The service account of its identity: what both ends can know of each other. */
  String workload() {
    return named.isEmpty() ? SpiffeId.parse(principal).serviceAccount() : named;
  }

  String namespace() {
    return within.isEmpty() ? SpiffeId.parse(principal).namespace() : within;
  }

  /** A destination that was never chosen. */
  static Party none() {
    return NOBODY;
  }

  private static String version(Map<String, String> labels) {
    return labels.getOrDefault("version", UNKNOWN);
  }

  /** As labels have it. */
  static String known(String text) {
    return text.isEmpty() ? UNKNOWN : text;
  }
}
