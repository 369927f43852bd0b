package systems;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** What a program found: prints {@code <story> ok}, or what went wrong, for each. */
final class Stories {
  /** Something that must come to its end. */
  interface Story {
    void play() throws Exception;
  }

  private final String prefix;

  /**
   * Stories of one variant.
   *
   * @param prefix what tells them from those of another variant
   */
  Stories(String prefix) {
    this.prefix = prefix;
  }

  void play(String name, Story story) {
    String verdict = " ok";
    long start = System.nanoTime();
    try {
      story.play();
    } catch (Exception | AssertionError e) {
      verdict = " failed: " + described(e);
      e.printStackTrace();
    }
    System.err.println(prefix + name + " took " + (System.nanoTime() - start) / 1_000_000 + " ms");
    System.out.println(prefix + name + verdict);
  }

  static void expect(Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new AssertionError("expected " + expected + ", found " + found);
    }
  }

  static void expectSame(byte[] expected, byte[] found) {
    if (!Arrays.equals(expected, found)) {
      throw new AssertionError(
          expected.length + " bytes differ from the " + found.length + " that came back");
    }
  }

  /** Says that all is played, and returns when nobody needs this program any more. */
  static void awaitFarewell() throws IOException {
    System.out.println("done");
    try (InputStream in = System.in) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
  }

  private static String described(Throwable e) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      text.append(cause == e ? "" : " <- ").append(cause.toString().replace('\n', ' '));
    }
    return text.toString();
  }
}
