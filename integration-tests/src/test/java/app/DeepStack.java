package app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes and reads a connection with ever less stack left, until there is not enough. What the
 * other end gets must be what was written, or an end: never something else. Prints {@code <story>
 * ok} or what went wrong, and how often what happened.
 */
public final class DeepStack {
  private static final int DEEPEST = 120;
  private static final int STEP = 3;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final byte[] FIRST = pattern(3_000, 1);
  private static final byte[] SECOND = pattern(2_000, 2);

  private interface Use {
    void go() throws IOException;
  }

  private final InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  private final Map<String, Integer> seen = new TreeMap<>();

  private DeepStack() throws IOException {}

  /** Plays both stories on a thread with a small stack. */
  public static void main(String[] args) throws Exception {
    DeepStack stories = new DeepStack();
    stories.play("write", false);
    stories.play("read", true);
    System.out.println("done");
    System.exit(0);
  }

  private void play(String name, boolean read) throws Exception {
    seen.clear();
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                trial(10_000, read); // what is loaded once is loaded with stack
                for (int frames = 0; frames < DEEPEST; frames += STEP) {
                  trial(frames, read);
                }
                trial(10_000, read);
              } catch (Throwable e) {
                e.printStackTrace();
                failure[0] = e;
              }
            },
            "deep",
            512 * 1024);
    thread.start();
    thread.join();
    System.out.println(name + (failure[0] == null ? " ok" : " failed: " + failure[0]));
    System.out.println("seen " + seen);
  }

  /** With so many frames of stack left, which are used for nothing else. */
  private void trial(int frames, boolean read) throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 5, loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      server.setSoTimeout(PATIENCE_MILLIS);
      client.setSoTimeout(PATIENCE_MILLIS);
      client.getOutputStream().write(0);
      expect(server.getInputStream().read() == 0, "no connection");
      if (read) {
        reads(frames, client, server);
      } else {
        writes(frames, client, server);
      }
    }
  }

  private void writes(int frames, Socket client, Socket server) throws IOException {
    OutputStream out = client.getOutputStream();
    boolean first = withLittleStack(frames, () -> out.write(FIRST));
    boolean second = attempt(() -> out.write(SECOND));
    attempt(client::shutdownOutput);
    byte[] got = everything(server.getInputStream());
    byte[] whole = concat(FIRST, SECOND);
    boolean prefix = Arrays.equals(got, Arrays.copyOf(whole, Math.min(got.length, whole.length)));
    boolean secondOnly = !first && second && Arrays.equals(got, SECOND);
    expect(prefix || secondOnly, "something else arrived: " + got.length + " bytes");
    expect(!first || !second || got.length == whole.length, "lost: " + got.length);
    seen.merge(first + "," + second, 1, Integer::sum);
  }

  private void reads(int frames, Socket client, Socket server) throws IOException {
    server.getOutputStream().write(FIRST);
    byte[] got = new byte[FIRST.length];
    int[] n = {0};
    InputStream in = client.getInputStream();
    boolean first = withLittleStack(frames, () -> n[0] = Math.max(0, in.read(got)));
    boolean second =
        attempt(
            () -> {
              while (n[0] < got.length) {
                int more = in.read(got, n[0], got.length - n[0]);
                if (more < 0) {
                  throw new IOException("ended");
                }
                n[0] += more;
              }
            });
    expect(!second || Arrays.equals(got, FIRST), "something else arrived");
    expect(!first || second, "a connection without a fault has failed");
    seen.merge(first + "," + second, 1, Integer::sum);
  }

  /** Whether it ended well. */
  private static boolean withLittleStack(int frames, Use use) {
    boolean[] well = new boolean[1];
    descend(frames, use, well);
    return well[0];
  }

  /**
   * To the end of the stack, then up again so many frames, and only there {@code use}.
   *
   * @return how many frames are still to be climbed; -1 when it has been done
   */
  private static int descend(int frames, Use use, boolean[] well) {
    int left;
    try {
      left = descend(frames, use, well);
    } catch (StackOverflowError bottom) {
      return frames;
    }
    if (left != 0) {
      return left < 0 ? -1 : left - 1;
    }
    try {
      well[0] = attempt(use);
    } catch (StackOverflowError inside) {
      well[0] = false;
    }
    return -1;
  }

  private static boolean attempt(Use use) {
    try {
      use.go();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] everything(InputStream in) throws IOException {
    byte[] got = new byte[FIRST.length + SECOND.length + 1];
    int n = 0;
    try {
      for (int more = in.read(got); more >= 0; more = in.read(got, n, got.length - n)) {
        n += more;
      }
    } catch (java.net.SocketTimeoutException hangs) {
      throw hangs;
    } catch (IOException cut) {
      String reason = String.valueOf(cut.getMessage());
      expect(
          reason.contains("close_notify") || reason.contains("reset"), "a broken end: " + reason);
    }
    return Arrays.copyOf(got, n);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static byte[] pattern(int length, int seed) {
    byte[] bytes = new byte[length];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void expect(boolean held, String otherwise) {
    if (!held) {
      throw new AssertionError(otherwise);
    }
  }
}
