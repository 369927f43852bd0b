package dev.weft.agent.balance;

import dev.weft.policy.Endpoint;
import java.time.Duration;

/**
 * Hears of endpoints that outlier detection leaves out. Called once per change, by a thread that
 * carries a request, so it must not block; it may be called from several threads. What it throws
 * reaches the request.
 */
public interface EjectionListener {
  /**
   * No request goes there for a while; also after a probe that failed.
   *
   * @param service Kubernetes' {@code namespace/name}
   * @param reason {@code consecutive-5xx}, {@code consecutive-gateway-errors}, {@code
   *     consecutive-local-failures}, {@code probe-failed}
   */
  void ejected(String service, Endpoint endpoint, String reason, Duration time);

  /** A probe has succeeded; requests go there as before. */
  void returned(String service, Endpoint endpoint);
}
