package dev.weft.agent.control;

import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.Pem;
import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.Trees;
import java.security.cert.CertificateException;
import java.util.Map;

/** Turns a received tree into the view that everybody reads. Confined to the receiving thread. */
final class SnapshotIntake {
  private final Snapshots snapshots;
  private final IdentityStore identities;
  private final boolean bundleFromSnapshot;

  /**
   * Publishes into {@code snapshots}.
   *
   * @param bundleFromSnapshot false when somebody else provisions identity and roots
   */
  SnapshotIntake(Snapshots snapshots, IdentityStore identities, boolean bundleFromSnapshot) {
    this.snapshots = snapshots;
    this.identities = identities;
    this.bundleFromSnapshot = bundleFromSnapshot;
  }

  /**
   * Takes the snapshot whole, or throws and changes nothing.
   *
   * @throws RefusedException with the reason for the nack
   */
  Snapshot apply(Map<?, ?> tree) throws RefusedException {
    try {
      Snapshot snapshot = Trees.fromTree(tree, Snapshot.class);
      apply(snapshot);
      return snapshot;
    } catch (IllegalArgumentException e) {
      throw new RefusedException("the snapshot cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Takes the snapshot whole, or throws and changes nothing.
   *
   * @throws RefusedException with the reason for the nack
   */
  void apply(Snapshot snapshot) throws RefusedException {
    try {
      MeshView view = new MeshView(snapshot, snapshots.current());
      // New roots first: the endpoints in the view may already present certificates under them.
      if (bundleFromSnapshot && !snapshot.trustBundle().isEmpty()) {
        identities.trust(Pem.certificates(snapshot.trustBundle()));
      }
      snapshots.publish(view);
    } catch (CertificateException | RuntimeException e) {
      throw new RefusedException("the snapshot cannot be applied: " + e.getMessage(), e);
    }
  }
}
