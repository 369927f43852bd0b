package dev.weft.server.distribution;

import dev.weft.policy.Snapshot;
import dev.weft.policy.part.Part;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.tree.JsonText;
import dev.weft.policy.tree.Trees;
import dev.weft.server.policy.Generation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A line of a watch stream: one JSON object with its line feed, in pieces, so that the bytes of a
 * part are those that all agents get. Immutable.
 *
 * @param pieces not to be written to
 */
public record Line(List<byte[]> pieces) {
  private static final byte[] COMMA = {','};
  private static final byte[] COLON = {':'};
  private static final byte[] END = "}}\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] LINE_FEED = {'\n'};

  /** A whole snapshot, for agents of protocol 1. */
  static Line whole(Snapshot snapshot) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "snapshot");
    message.put("version", snapshot.version());
    message.put("snapshot", Trees.toTree(snapshot));
    return new Line(List.of(JsonText.bytes(message), LINE_FEED));
  }

  /**
   * What changed.
   *
   * @param base the version at the agent; empty: it shall forget what it has
   */
  static Line change(String base, String version, Generation policy, PartSet.Change change) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("type", "delta");
    head.put("base", base);
    head.put("version", version);
    head.put("epoch", policy.epoch());
    head.put("generation", policy.number());
    head.put("removed", change.removed());
    head.put("parts", Map.of());
    byte[] begin = JsonText.bytes(head);
    List<byte[]> pieces = new ArrayList<>(4 * change.parts().size() + 2);
    pieces.add(Arrays.copyOf(begin, begin.length - 2)); // without "}}"
    boolean first = true;
    for (Part part : change.parts()) {
      if (!first) {
        pieces.add(COMMA);
      }
      first = false;
      pieces.add(JsonText.bytes(part.key()));
      pieces.add(COLON);
      pieces.add(part.body());
    }
    pieces.add(END);
    return new Line(List.copyOf(pieces));
  }

  /** Its length in bytes. */
  public long bytes() {
    long sum = 0;
    for (byte[] piece : pieces) {
      sum += piece.length;
    }
    return sum;
  }
}
