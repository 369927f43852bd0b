package dev.weft.agent.access;

import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.AccessRequest;
import org.jspecify.annotations.Nullable;

/** Authorises inbound requests by the current snapshot. Stateless; thread-safe. */
public final class AccessGate {
  /** Rule behind decisions that are made before the first snapshot. */
  public static final String NO_SNAPSHOT = "no-snapshot";

  private final OnFailure beforeFirstSnapshot;

  /** {@code beforeFirstSnapshot} is {@code weft.on.failure}. */
  public AccessGate(OnFailure beforeFirstSnapshot) {
    this.beforeFirstSnapshot = beforeFirstSnapshot;
  }

  /**
   * The decision for one request.
   *
   * @param view null before the first snapshot
   */
  public AccessDecision check(@Nullable MeshView view, AccessRequest request) {
    if (view != null) {
      return view.access().request(request);
    }
    boolean open = beforeFirstSnapshot == OnFailure.OPEN;
    return new AccessDecision(
        open,
        NO_SNAPSHOT,
        open
            ? "no policy has arrived yet, and weft.on.failure is open"
            : "no policy has arrived yet, and weft.on.failure is closed");
  }
}
