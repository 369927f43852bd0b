package dev.weft.agent.control;

import dev.weft.policy.Snapshot;
import dev.weft.policy.part.HeldParts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the changes of a stream together. What was received and what is in force can differ: parts
 * that arrived whole are kept even when the snapshot that they make cannot be applied, because the
 * next change starts from them. Confined to the receiving thread.
 */
final class PartIntake {
  private final SnapshotIntake intake;
  private HeldParts received = HeldParts.NONE;
  private HeldParts inForce = HeldParts.NONE;
  private String epoch = "";
  private long generation;

  PartIntake(SnapshotIntake intake) {
    this.intake = intake;
  }

  /** What came does not fit what was received before; everything must come again. */
  static final class OutOfStepException extends RefusedException {
    private static final long serialVersionUID = 1L;

    OutOfStepException(String message) {
      super(message);
    }
  }

  /** Another stream begins: the server starts from what is in force. */
  void begin() {
    received = inForce;
  }

  /** What a watch request says about it. */
  Map<String, Object> held() {
    Map<String, Object> held = new LinkedHashMap<>();
    held.put("held", inForce.hashes());
    if (!epoch.isEmpty()) {
      held.put("policy", Map.of("epoch", epoch, "generation", generation));
    }
    return held;
  }

  /** A snapshot that did not come in parts is in force. */
  void whole() {
    inForce = HeldParts.NONE;
  }

  /**
   * Takes a change, whole, or throws and leaves in force what is.
   *
   * @throws OutOfStepException when it does not fit, and everything from the beginning would
   * @throws RefusedException with the reason for the nack
   */
  Snapshot apply(Map<String, Object> delta) throws RefusedException {
    if (!(delta.get("parts") instanceof Map<?, ?> parts)) {
      throw new RefusedException("the message has no parts");
    }
    List<?> removed = delta.get("removed") instanceof List<?> list ? list : List.of();
    String base = text(delta, "base");
    try {
      received = received.with(base, text(delta, "version"), parts, removed);
    } catch (HeldParts.MismatchException e) {
      if (base.isEmpty()) {
        throw new RefusedException(String.valueOf(e.getMessage()), e); // twice would not help
      }
      throw new OutOfStepException(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw new RefusedException("the snapshot cannot be read: " + e.getMessage(), e);
    }
    Snapshot applied;
    try {
      applied = received.snapshot();
    } catch (IllegalArgumentException e) {
      throw new RefusedException("the snapshot cannot be read: " + e.getMessage(), e);
    }
    intake.apply(applied);
    inForce = received;
    epoch = text(delta, "epoch");
    generation = delta.get("generation") instanceof Number number ? number.longValue() : 0;
    return applied;
  }

  private static String text(Map<String, Object> message, String key) {
    return message.get(key) instanceof String text ? text : "";
  }
}
