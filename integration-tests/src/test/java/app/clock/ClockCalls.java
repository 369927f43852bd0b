package app.clock;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Sends the calls by which a class asks for the time of day to {@link SetClock}: in the constant
 * pool (JVMS, section 4.4) each method that is called is named once, by class and by signature, and
 * the class is replaced there. The instructions stay as they are.
 */
final class ClockCalls {
  private static final int UTF8 = 1;
  private static final int CLASS = 7;
  private static final int METHOD = 10;

  /** What tells the time of day, and what all Java code gets it from in the end. */
  private static final Map<String, String> CLOCKS =
      Map.of(
          "currentTimeMillis()J", "java/lang/System",
          "getNanoTimeAdjustment(J)J", "jdk/internal/misc/VM");

  /** Bytes that follow the tag, by tag; 0: no such tag, or text. */
  private static final int[] LENGTHS = new int[21];

  static {
    int[][] known = {
      {3, 4}, {4, 4}, {5, 8}, {6, 8}, {7, 2}, {8, 2}, {9, 4}, {10, 4}, {11, 4}, {12, 4}, {15, 3},
      {16, 2}, {17, 4}, {18, 4}, {19, 2}, {20, 2}
    };
    for (int[] tag : known) {
      LENGTHS[tag[0]] = tag[1];
    }
  }

  private final byte[] bytes;
  private final int[] at;
  private final int end;

  private ClockCalls(byte[] bytes) throws IOException {
    this.bytes = bytes;
    this.at = new int[u2(8)];
    int next = 10;
    for (int i = 1; i < at.length; i++) {
      at[i] = next;
      int tag = bytes[next];
      if (tag != UTF8 && LENGTHS[tag] == 0) {
        throw new IOException("constant of an unknown kind: " + tag);
      }
      next += 1 + (tag == UTF8 ? 2 + u2(next + 1) : LENGTHS[tag]);
      if (tag == 5 || tag == 6) {
        i++; // long and double take two numbers
      }
    }
    this.end = next;
  }

  /** The class with its calls redirected; null: it never asks. */
  static byte[] redirect(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (CLOCKS.keySet().stream().noneMatch(call -> text.contains(call.split("[(]")[0]))) {
      return null;
    }
    try {
      return new ClockCalls(bytes).redirected();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] redirected() throws IOException {
    byte[] changed = bytes.clone();
    boolean any = false;
    for (int i = 1; i < at.length; i++) {
      if (at[i] != 0 && bytes[at[i]] == METHOD) {
        int owner = u2(at[i] + 1);
        int called = u2(at[i] + 3);
        String signature = text(u2(at[called] + 1)) + text(u2(at[called] + 3));
        if (text(u2(at[owner] + 1)).equals(CLOCKS.get(signature))) {
          changed[at[i] + 1] = (byte) ((at.length + 1) >> 8);
          changed[at[i] + 2] = (byte) (at.length + 1);
          any = true;
        }
      }
    }
    return any ? withOurClass(changed) : null;
  }

  /** Two more constants at the end of the pool: the class, and before it its name. */
  private byte[] withOurClass(byte[] changed) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream(bytes.length + 64);
    DataOutputStream out = new DataOutputStream(all);
    out.write(changed, 0, 8);
    out.writeShort(at.length + 2);
    out.write(changed, 10, end - 10);
    out.writeByte(UTF8);
    out.writeUTF("app/clock/SetClock");
    out.writeByte(CLASS);
    out.writeShort(at.length);
    out.write(changed, end, changed.length - end);
    return all.toByteArray();
  }

  private int u2(int offset) {
    return (bytes[offset] & 0xff) << 8 | (bytes[offset + 1] & 0xff);
  }

  private String text(int constant) throws IOException {
    int offset = at[constant] + 1;
    return new DataInputStream(new ByteArrayInputStream(bytes, offset, bytes.length - offset))
        .readUTF();
  }
}
