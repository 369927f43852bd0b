package dev.weft.agent.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * A TCP connection in memory: two bounded pipes. With dice it behaves as badly as a kernel may: it
 * takes and gives bytes in pieces of any size, and "would block" when it likes.
 */
final class SimulatedKernel {
  private final RandomGenerator dice;
  private final Runnable watcher;
  private final Pipe toServer;
  private final Pipe toClient;
  boolean moody;

  /**
   * A connection of which nothing has been sent.
   *
   * @param capacity bytes that one direction holds
   * @param watcher hears of each call, before and after
   */
  SimulatedKernel(RandomGenerator dice, int capacity, Runnable watcher) {
    this.dice = dice;
    this.watcher = watcher;
    this.toServer = new Pipe(capacity);
    this.toClient = new Pipe(capacity);
  }

  Transport client() {
    return new End(toClient, toServer);
  }

  Transport server() {
    return new End(toServer, toClient);
  }

  /** RST: what is inside is lost, both ends hear of it. */
  void reset() {
    toServer.reset = true;
    toClient.reset = true;
  }

  Pipe toServer() {
    return toServer;
  }

  Pipe toClient() {
    return toClient;
  }

  /** One direction. */
  static final class Pipe {
    private final byte[] bytes;
    private int capacity;
    private int start;
    private int size;
    private boolean closed;
    private boolean reset;
    private long passed;

    private Pipe(int capacity) {
      this.bytes = new byte[Math.max(capacity, 1 << 17)];
      this.capacity = capacity;
    }

    /** FIN: what is inside can still be read. */
    void close() {
      closed = true;
    }

    boolean closed() {
      return closed;
    }

    /** From now on it holds this much. */
    void capacity(int capacity) {
      this.capacity = capacity;
    }

    int size() {
      return size;
    }

    /** Bytes that were put in since the start. */
    long passed() {
      return passed;
    }

    /** Loses what is behind the first {@code keep} bytes. */
    void cut(int keep) {
      size = Math.min(size, keep);
    }

    /** Flips a bit of the byte at the index. */
    void corrupt(int index) {
      bytes[(start + index) % bytes.length] ^= 0x40;
    }
  }

  private final class End implements Transport {
    private final Pipe in;
    private final Pipe out;

    End(Pipe in, Pipe out) {
      this.in = in;
      this.out = out;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      requireDirect(target);
      watcher.run();
      int n = take(target);
      watcher.run();
      return n;
    }

    private int take(ByteBuffer target) throws IOException {
      if (in.reset) {
        throw new IOException("Connection reset by peer");
      }
      if (in.size == 0) {
        return in.closed ? EOF : UNAVAILABLE;
      }
      int n = piece(Math.min(in.size, target.remaining()));
      for (int i = 0; i < n; i++) {
        target.put(in.bytes[in.start]);
        in.start = (in.start + 1) % in.bytes.length;
      }
      in.size -= n;
      return n == 0 ? UNAVAILABLE : n;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      requireDirect(source);
      watcher.run();
      int n = put(source);
      watcher.run();
      return n;
    }

    private int put(ByteBuffer source) throws IOException {
      if (out.reset || out.closed) {
        throw new IOException("Broken pipe");
      }
      int n = piece(Math.min(out.capacity - out.size, source.remaining()));
      for (int i = 0; i < n; i++) {
        out.bytes[(out.start + out.size) % out.bytes.length] = source.get();
        out.size++;
      }
      out.passed += n;
      return n <= 0 ? UNAVAILABLE : n;
    }

    private int piece(int possible) {
      if (!moody || possible <= 0) {
        return Math.max(0, possible);
      }
      return switch (dice.nextInt(5)) {
        case 0 -> 0;
        case 1 -> 1;
        case 2 -> 1 + dice.nextInt(possible);
        default -> possible;
      };
    }

    private void requireDirect(ByteBuffer buffer) {
      if (!buffer.isDirect()) {
        throw new AssertionError("the kernel reads and writes native memory only");
      }
    }
  }
}
