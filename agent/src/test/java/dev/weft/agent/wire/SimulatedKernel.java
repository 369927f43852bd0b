package dev.weft.agent.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * A TCP connection in memory: two bounded pipes and two descriptors. With dice it behaves as badly
 * as a kernel may: it takes and gives bytes in pieces of any size, and "would block" when it likes.
 */
final class SimulatedKernel {
  private final RandomGenerator dice;
  private final Runnable watcher;
  private final Pipe toServer;
  private final Pipe toClient;
  private final End client;
  private final End server;
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
    this.client = new End(toClient, toServer);
    this.server = new End(toServer, toClient);
  }

  End client() {
    return client;
  }

  End server() {
    return server;
  }

  /** RST in both directions, as a box in the middle sends it: what is inside is lost. */
  void reset() {
    toServer.reset(0);
    toClient.reset(0);
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
    private boolean deaf;
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

    /** RST: what is behind the first {@code keep} bytes never arrives. */
    void reset(int keep) {
      cut(keep);
      reset = true;
    }

    /** Loses, doubles, inserts or overwrites some bytes. */
    void change(RandomGenerator dice) {
      byte[] old = new byte[size];
      for (int i = 0; i < size; i++) {
        old[i] = bytes[(start + i) % bytes.length];
      }
      int at = dice.nextInt(size);
      int length = 1 + dice.nextInt(Math.min(size - at, dice.nextBoolean() ? 4 : 300));
      byte[] noise = new byte[length];
      dice.nextBytes(noise);
      int kind = dice.nextInt(4);
      size = 0;
      append(old, 0, at);
      if (kind == 1) {
        append(old, at, length);
        append(old, at, length);
      } else if (kind > 1) {
        append(noise, 0, length);
      }
      int from = kind == 2 ? at : at + length;
      append(old, from, old.length - from);
    }

    private void append(byte[] more, int from, int length) {
      for (int i = from; i < from + length; i++) {
        bytes[(start + size++) % bytes.length] = more[i];
      }
    }

    /** Flips a bit of the byte at the index. */
    void corrupt(int index) {
      bytes[(start + index) % bytes.length] ^= 0x40;
    }
  }

  /** A descriptor of one end. */
  final class End implements SocketIo {
    private final Pipe in;
    private final Pipe out;
    private boolean inputShut;
    private boolean kept;
    boolean resetsOnClose;
    private boolean closed;

    private End(Pipe in, Pipe out) {
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
      if (closed) {
        return EOF; // the JDK has put another descriptor in its place
      }
      if (in.size == 0) {
        if (in.reset) {
          throw new IOException("Connection reset by peer");
        }
        return in.closed || inputShut ? EOF : UNAVAILABLE;
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
      if (out.reset || out.closed || closed) {
        throw new IOException("Broken pipe");
      }
      int n = piece(Math.min(out.capacity - out.size, source.remaining()));
      for (int i = 0; i < n; i++) {
        out.bytes[(out.start + out.size) % out.bytes.length] = source.get();
        out.size++;
      }
      out.passed += n;
      if (out.deaf && n > 0) { // nobody reads there any more: the answer is a reset
        out.reset(0);
        in.reset(dice.nextInt(in.size + 1));
      }
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

    @Override
    public void guardReads(boolean on) {
      // never waits anyway
    }

    @Override
    public void guardWrites(boolean on) {
      // never waits anyway
    }

    @Override
    public boolean readable() {
      return in.size > 0 || in.closed || in.reset || inputShut || closed;
    }

    @Override
    public boolean writable() {
      return out.capacity > out.size || out.closed || out.reset || closed;
    }

    @Override
    public boolean broken() {
      return in.reset || out.reset;
    }

    @Override
    public int available() {
      return in.size;
    }

    @Override
    public void noDelay() {
      // no delays here
    }

    @Override
    public void shutdown(int how) throws IOException {
      if (in.reset || out.reset || closed) {
        throw new IOException("Transport endpoint is not connected");
      }
      inputShut |= how != 1;
      if (how != 0) {
        out.close();
      }
    }

    @Override
    public boolean resetsOnClose() {
      return resetsOnClose;
    }

    @Override
    public void keep() {
      kept = true;
    }

    @Override
    public void close() {
      if (!kept) {
        throw new AssertionError("closes a descriptor of the JDK");
      }
      kept = false;
      closeSocket();
    }

    /** What the JDK does when the mesh does not take the descriptor over. */
    void closedByJdk() {
      if (kept) {
        throw new AssertionError("kept, but the JDK was told to close");
      }
      closeSocket();
    }

    /** The JDK puts another descriptor in the place of this, which closes the socket. */
    void preClosedByJdk() {
      closeSocket();
    }

    private void closeSocket() {
      if (closed) {
        return;
      }
      closed = true;
      in.deaf = true;
      if ((in.size > 0 || resetsOnClose)
          && !in.reset) { // unread bytes: a reset, which overtakes what was sent
        out.reset(dice.nextInt(out.size + 1));
        in.reset(0);
      } else {
        out.close();
      }
    }

    boolean closed() {
      return closed && !kept;
    }
  }
}
