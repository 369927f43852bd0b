package dev.weft.agent.wire;

import dev.weft.agent.identity.MeshTls;
import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireSession;
import dev.weft.policy.Peer;
import dev.weft.policy.SpiffeId;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of the mesh, from the first packet to the close.
 *
 * <p>How it works, and why not the simple way: a plain socket's kernel accepts writes, and delivers
 * what was written before a close, whether or not the other end's application reads or has even
 * called accept. So the handshake must not run inside the application's own reads and writes. Until
 * it is done, the {@link Driver} alone touches the socket; the application's writes go to a bounded
 * buffer, its reads "would block", and its polls wait on our condition. Once established,
 * application threads encrypt and decrypt inline and the driver is out of the way.
 *
 * <p>Locks: {@code lock} guards the state and everything the driver does; {@code reading} and
 * {@code writing} guard the two halves of the established link. A thread that blocks in the kernel
 * holds one of the latter only, so a close never waits for it. {@code ReentrantLock}s, because
 * {@code synchronized} pins virtual threads on JDK 21 to 23. Thread-safe.
 */
final class MeshConnection extends WireSession implements Transport {
  /** Where a connection stands. */
  enum State {
    /** Client: the TCP connection is being made. */
    CONNECTING,
    /** Server: nothing is known yet, the first bytes tell. */
    PEEKING,
    HANDSHAKING,
    ESTABLISHED,
    /** Not mesh TLS: bytes pass as they are. */
    PASSTHROUGH,
    /** Refused or broken; {@link #failure} says why. */
    FAILED,
    CLOSED
  }

  private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

  /** Like a socket's own send buffer: what may be written before the handshake is done. */
  private static final int EARLY_LIMIT = 64 * 1024;

  /** A handshake ends within this time. */
  private static final long LIMIT_NANOS = 10_000_000_000L;

  /** What a close leaves to do ends within this time, as a kernel's own patience does. */
  private static final long LINGER_NANOS = 60_000_000_000L;

  private static final int IOVEC = 16; // struct iovec on 64-bit: pointer and length
  private static final int POLL_ERROR = 0x8;
  private static final int POLL_HANG_UP = 0x10;

  /**
   * What a writable socket takes without waiting, even in blocking mode and with a small buffer.
   */
  private static final int GUARDED_WRITE = 4 * 1024;

  /** Reads in a row that a lingering close may spend on one peer. */
  private static final int LINGER_READS = 16;

  private final WireLayer layer;
  private final @Nullable SpiffeId expected; // client side
  private final InetSocketAddress remote;
  private final InetSocketAddress local; // server side: where it was accepted
  private final boolean client;
  private final int number;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ReentrantLock reading = new ReentrantLock();
  private final ReentrantLock writing = new ReentrantLock();

  private volatile State state;
  private volatile String failure = "";
  private volatile @Nullable Object channel; // the SocketChannelImpl, once it met a selector
  private volatile boolean undelivered;
  private volatile @Nullable SpiffeId peer;

  private FileDescriptor io; // the JDK's, or our own copy once it has closed its
  private boolean guarded = true; // the driver must not block on a descriptor in blocking mode
  private @Nullable TlsLink link;
  private @Nullable ByteBuffer head; // bytes read while peeking, ready to be read
  // Written before the handshake was done, ready to be read.
  private volatile @Nullable ByteBuffer early;
  private boolean passing; // decided: plaintext; what was written early may still be on its way
  private boolean shutdownRequested;
  private boolean goodbye; // close_notify is out
  private boolean lingering; // closed by the JDK, held open by us
  private volatile boolean inputShut;
  private volatile boolean closing; // the JDK closes as soon as its threads have left
  private volatile long deadline = Long.MAX_VALUE;

  private MeshConnection(
      WireLayer layer,
      FileDescriptor fd,
      State state,
      InetSocketAddress remote,
      InetSocketAddress local,
      @Nullable SpiffeId expected) {
    super(fd);
    this.layer = layer;
    this.io = fd;
    this.state = state;
    this.remote = remote;
    this.local = local;
    this.expected = expected;
    this.client = state == State.CONNECTING;
    this.number = Wire.number(fd);
  }

  /**
   * A connection that the application is about to make; {@code expected} null: any identity of the
   * mesh.
   */
  static MeshConnection connecting(
      WireLayer layer, FileDescriptor fd, InetSocketAddress remote, @Nullable SpiffeId expected) {
    return new MeshConnection(layer, fd, State.CONNECTING, remote, NOWHERE, expected);
  }

  /** A connection that the application has accepted. */
  static MeshConnection accepted(
      WireLayer layer, FileDescriptor fd, InetSocketAddress remote, InetSocketAddress local) {
    return new MeshConnection(layer, fd, State.PEEKING, remote, local, null);
  }

  InetSocketAddress remote() {
    return remote;
  }

  /** Where it was accepted. */
  InetSocketAddress local() {
    return local;
  }

  boolean client() {
    return client;
  }

  State state() {
    return state;
  }

  /** Who is at the other end, as far as proven. */
  Peer peer() {
    return new Peer(Optional.ofNullable(peer));
  }

  /** Hands the connection to the driver. */
  void start() {
    if (!client) {
      deadline = System.nanoTime() + LIMIT_NANOS;
    }
    layer.driver().await(this, number, client ? NativeIo.POLLOUT : NativeIo.POLLIN);
  }

  // ---- the driver's side ----

  /** Does what can be done without waiting. Called on the driver's pool. */
  void ready() {
    lock.lock();
    try {
      switch (state) {
        case CONNECTING -> connected();
        case PEEKING -> {
          if (passing) {
            passThrough();
          } else {
            peek();
          }
        }
        case HANDSHAKING -> handshake();
        case ESTABLISHED -> endOutputNow();
        default -> {
          // closed or failed meanwhile
        }
      }
    } catch (IOException e) {
      fail(describe(e), e);
    } finally {
      lock.unlock();
    }
    linger();
  }

  boolean overdue(long now) {
    return deadline != Long.MAX_VALUE && now - deadline >= 0;
  }

  /** The policy has changed: what it does not allow any more ends. */
  void reevaluate() {
    String refusal = null;
    switch (state) {
      case PEEKING -> {
        lock.lock();
        try {
          if (deadline == Long.MAX_VALUE && !layer.plaintextAllowed(local.getPort())) {
            deadline = System.nanoTime() + LIMIT_NANOS;
          }
        } finally {
          lock.unlock();
        }
      }
      case ESTABLISHED -> refusal = layer.refuses(this);
      case PASSTHROUGH -> refusal = layer.refusesPlaintext(this);
      default -> {
        // decided when the handshake is done
      }
    }
    if (refusal != null) {
      fail(refusal, null);
    }
  }

  /** The time for the handshake is over. */
  void expire() {
    lock.lock();
    try {
      if (lingering) {
        abandon();
      } else if (state == State.PEEKING
          && head == null
          && layer.plaintextAllowed(local.getPort())) {
        deadline = Long.MAX_VALUE; // an idle plaintext client, such as a pool's spare connection
      } else if (state == State.PEEKING || state == State.HANDSHAKING) {
        fail("handshake with " + remote + " not finished after 10 s", null);
      }
    } finally {
      lock.unlock();
    }
  }

  private void connected() throws IOException {
    // Asked anew: the event may have been about an earlier connection with our number.
    int events = NativeIo.ready(io, NativeIo.POLLOUT);
    if ((events & (POLL_ERROR | POLL_HANG_UP)) != 0) {
      // Refused, or connected and reset since. The error stays in the socket, where the
      // application's own finishConnect finds it; who is past that hears of it from us.
      failure = "connection to " + remote + " was refused or reset";
      settle(State.FAILED);
      return;
    }
    if (events == 0) {
      layer.driver().await(this, number, NativeIo.POLLOUT);
      return;
    }
    deadline = System.nanoTime() + LIMIT_NANOS;
    link = new TlsLink(layer.tls().client(expected), this, layer.pool(), null);
    state = State.HANDSHAKING;
    handshake();
  }

  private void peek() throws IOException {
    ByteBuffer bytes = head == null ? layer.pool().take() : head.compact();
    int n;
    try {
      n = read(bytes);
    } finally {
      bytes.flip();
      if (bytes.hasRemaining()) {
        head = bytes;
      } else {
        layer.pool().give(bytes);
        head = null;
      }
    }
    if (n == EOF) {
      String refusal = layer.refusesPlaintext(this);
      if (refusal == null) {
        passThrough();
      } else if (head == null) {
        failQuietly(refusal); // a probe of the port
      } else {
        fail(refusal, null);
      }
      return;
    }
    ClientHello.Kind kind =
        head == null ? ClientHello.Kind.UNDECIDED : ClientHello.classify(head, MeshTls.ALPN);
    switch (kind) {
      case UNDECIDED -> layer.driver().await(this, number, NativeIo.POLLIN);
      case MESH -> {
        link = new TlsLink(layer.tls().server(), this, layer.pool(), head);
        head = null;
        state = State.HANDSHAKING;
        handshake();
      }
      case OTHER_TLS, NOT_TLS -> {
        String refusal = layer.refusesPlaintext(this);
        if (refusal != null) {
          fail(refusal, null);
        } else {
          passThrough();
        }
      }
    }
  }

  private void handshake() throws IOException {
    TlsLink tls = requireLink();
    if (peer != null) {
      establish(tls); // the handshake is done, but not all that was written early has been sent
      return;
    }
    while (true) {
      switch (tls.advance()) {
        case READ -> {
          layer.driver().await(this, number, NativeIo.POLLIN);
          return;
        }
        case WRITE -> {
          layer.driver().await(this, number, NativeIo.POLLOUT);
          return;
        }
        case TASK -> {
          // Signatures take milliseconds: nobody who writes early or closes shall wait for them.
          lock.unlock();
          try {
            tls.runTasks();
          } finally {
            lock.lock();
          }
          if (state != State.HANDSHAKING) {
            return;
          }
        }
        case NOTHING -> {
          establish(tls);
          return;
        }
      }
    }
  }

  private void establish(TlsLink tls) throws IOException {
    if (peer == null) {
      peer = layer.tls().peer(tls.engine());
      // A large write becomes several records; with Nagle's algorithm the last would wait for an
      // ACK.
      NativeIo.noDelay(io);
      String refusal = layer.refuses(this);
      if (refusal != null) {
        fail(refusal, null);
        return;
      }
    }
    deadline = lingering ? deadline : Long.MAX_VALUE; // a slow reader is no slow handshake
    ByteBuffer bytes = early;
    while (bytes != null && bytes.hasRemaining()) {
      long n = tls.write(bytes.duplicate());
      if (n < 0) {
        layer.driver().await(this, number, NativeIo.POLLOUT);
        return;
      }
      bytes.position(bytes.position() + (int) n);
    }
    early = null;
    if (shutdownRequested) {
      if (!tls.closeOutbound()) {
        layer.driver().await(this, number, NativeIo.POLLOUT);
        return;
      }
      goodbye = true;
      NativeIo.shutdown(io, 1);
    }
    String refusal = layer.refuses(this); // the policy may have changed while early bytes waited
    if (refusal != null) {
      fail(refusal, null);
      return;
    }
    undelivered = tls.undelivered();
    layer.established(this);
    settle(State.ESTABLISHED);
  }

  private void passThrough() throws IOException {
    passing = true;
    deadline = lingering ? deadline : Long.MAX_VALUE;
    ByteBuffer bytes = early;
    if (bytes != null) {
      ByteBuffer left = direct(bytes);
      while (left.hasRemaining()) {
        if (write(left) < 0) {
          bytes.position(bytes.limit() - left.remaining());
          layer.driver().await(this, number, NativeIo.POLLOUT);
          return;
        }
      }
      early = null;
    }
    undelivered = head != null;
    if (shutdownRequested) {
      NativeIo.shutdown(io, 1);
    }
    layer.passedThrough(this);
    settle(State.PASSTHROUGH);
  }

  /** A copy in native memory of what was written early; rare, so not pooled. */
  private static ByteBuffer direct(ByteBuffer bytes) {
    return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  /** The state has changed for good: wake everyone who waits for it. */
  private void settle(State next) {
    if (!lingering) {
      layer.driver().forget(this, number);
      guarded = closing; // until they have left, no thread may start to wait in the kernel
    }
    state = next;
    changed.signalAll();
    Object registered = channel;
    if (registered != null && !lingering) {
      if (undelivered()) {
        layer.pending().mark(registered);
      }
      translateAnew(registered, true);
    }
  }

  /** Selectors shall ask for {@link #interest} again; {@code now}: even if they are waiting. */
  private static void translateAnew(Object registered, boolean now) {
    for (SelectionKey key : NativeIo.keys(registered)) {
      if (key != null && key.isValid()) {
        try {
          NativeIo.refresh(key);
          if (now) {
            key.selector().wakeup();
          }
        } catch (ClosedSelectorException nobodyWaits) {
          // closed between the check and the call
        }
      }
    }
  }

  /** Ends the connection; the application learns {@code reason} at its next read or write. */
  void fail(String reason, @Nullable Throwable cause) {
    lock.lock();
    try {
      if (state == State.FAILED || state == State.CLOSED) {
        return;
      }
      layer.failed(this, reason, cause);
      failQuietly(reason);
    } finally {
      lock.unlock();
    }
  }

  private void failQuietly(String reason) {
    failure = reason;
    deadline = Long.MAX_VALUE;
    early = null;
    try {
      if (link != null && state == State.HANDSHAKING) {
        link.advance(); // lets an alert out
      }
    } catch (IOException alertNotSent) {
      // the peer hears of it by the reset
    }
    try {
      NativeIo.shutdown(io, 2);
    } catch (IOException alreadyGone) {
      // nothing left to shut
    }
    settle(State.FAILED);
    if (lingering) {
      abandon();
    }
  }

  private String describe(IOException e) {
    String who = client ? "connection to " + remote : "connection from " + remote;
    String wanted = expected == null ? "" : ", expected " + expected;
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root != e && root.getMessage() != null && !message.contains(root.getMessage())) {
      message = message + ": " + root.getMessage();
    }
    return who + wanted + ": " + message;
  }

  // ---- the application's side ----

  @Override
  public int read(long address, int length) throws IOException {
    if (closing) {
      return UNAVAILABLE; // the JDK sees that it is closed
    }
    return switch (state) {
      case ESTABLISHED -> readLink(NativeIo.buffer(address, length));
      case PASSTHROUGH -> readHead(address, length);
      case FAILED -> throw failure();
      default -> inputShut ? EOF : UNAVAILABLE;
    };
  }

  @Override
  public long readv(long vectors, int count) throws IOException {
    ByteBuffer table = NativeIo.buffer(vectors, count * IOVEC).order(ByteOrder.nativeOrder());
    long total = 0;
    for (int i = 0; i < count; i++) {
      long address = table.getLong(i * IOVEC);
      int length = (int) table.getLong(i * IOVEC + 8);
      if (length == 0) {
        continue;
      }
      int n;
      try {
        n = read(address, length);
      } catch (IOException e) {
        if (total > 0) {
          return total; // the next read meets the error again
        }
        throw e;
      }
      if (n < 0) {
        return total > 0 ? total : n;
      }
      total += n;
      // Only the first may wait: a partial result is a result.
      if (n < length || !undelivered) {
        break;
      }
    }
    return total;
  }

  @Override
  public int write(long address, int length) throws IOException {
    return (int) write(new ByteBuffer[] {NativeIo.buffer(address, length)});
  }

  @Override
  public long writev(long vectors, int count) throws IOException {
    ByteBuffer table = NativeIo.buffer(vectors, count * IOVEC).order(ByteOrder.nativeOrder());
    ByteBuffer[] sources = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long address = table.getLong(i * IOVEC);
      sources[i] = NativeIo.buffer(address, (int) table.getLong(i * IOVEC + 8));
    }
    return write(sources);
  }

  private long write(ByteBuffer[] sources) throws IOException {
    if (closing) {
      return UNAVAILABLE; // the JDK sees that it is closed
    }
    if (state != State.ESTABLISHED) {
      lock.lock();
      try {
        switch (state) {
          case CONNECTING, HANDSHAKING -> {
            return writeEarly(sources);
          }
          case PEEKING -> {
            if (!layer.mayServerSpeakFirst(this)) {
              return writeEarly(sources);
            }
            passThrough();
            if (state != State.PASSTHROUGH) {
              return writeEarly(sources); // behind what is still on its way
            }
          }
          case FAILED -> throw failure();
          case CLOSED -> {
            return UNAVAILABLE;
          }
          default -> {
            // established or passed through meanwhile
          }
        }
      } finally {
        lock.unlock();
      }
    }
    if (state == State.PASSTHROUGH) {
      return writePlain(sources);
    }
    writing.lock();
    try {
      return state == State.CLOSED ? UNAVAILABLE : requireLink().write(sources);
    } catch (SSLException e) {
      throw broken(e);
    } catch (IOException e) {
      throw state == State.FAILED ? failure() : e;
    } finally {
      writing.unlock();
    }
  }

  private long writeEarly(ByteBuffer[] sources) {
    ByteBuffer buffer = early;
    int held = buffer == null ? 0 : buffer.remaining();
    long total = 0;
    for (ByteBuffer source : sources) {
      int n = Math.min(source.remaining(), EARLY_LIMIT - held);
      if (n > 0) {
        buffer = room(buffer, n);
        buffer.put(source.slice().limit(n)).flip();
        held += n;
        total += n;
      }
    }
    early = buffer;
    if (total > 0 || held < EARLY_LIMIT) {
      return total;
    }
    Object registered = channel;
    if (registered != null) {
      translateAnew(registered, false); // or a selector would call the socket writable for ever
    }
    return UNAVAILABLE;
  }

  /** The buffer's bytes with {@code more} free behind them, ready to be written. */
  private static ByteBuffer room(@Nullable ByteBuffer buffer, int more) {
    if (buffer == null) {
      return ByteBuffer.allocate(Math.max(more, 1024));
    }
    int held = buffer.remaining();
    if (buffer.capacity() - held >= more) {
      return buffer.compact();
    }
    int size = Math.min(EARLY_LIMIT, Math.max(held + more, buffer.capacity() * 2));
    return ByteBuffer.allocate(size).put(buffer);
  }

  private long writePlain(ByteBuffer[] sources) throws IOException {
    long total = 0;
    for (ByteBuffer source : sources) {
      int length = source.remaining();
      if (length == 0) {
        continue;
      }
      int n = NativeIo.write(io, source);
      if (n < 0) {
        return total > 0 ? total : n;
      }
      total += n;
      if (n < length) {
        break;
      }
    }
    return total;
  }

  private int readLink(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    reading.lock();
    try {
      if (state == State.CLOSED) {
        return UNAVAILABLE;
      }
      TlsLink tls = requireLink();
      int n = tls.read(target);
      note(tls);
      return n;
    } catch (SSLException e) {
      throw broken(e);
    } catch (IOException e) {
      if (state == State.FAILED) {
        throw failure(); // by us, and the reason is better than "reset"
      }
      if (e instanceof EOFException) {
        if (closing) {
          return UNAVAILABLE; // the JDK sees that it is closed
        }
        if (inputShut) {
          return EOF;
        }
        throw new SocketException(describe(e));
      }
      throw e;
    } finally {
      reading.unlock();
    }
  }

  private void note(TlsLink tls) {
    boolean left = tls.undelivered();
    undelivered = left;
    Object registered = channel;
    if (left && registered != null) {
      layer.pending().mark(registered);
    }
  }

  private int readHead(long address, int length) throws IOException {
    reading.lock();
    try {
      ByteBuffer bytes = head;
      if (bytes == null) {
        return NativeIo.read(io, address, length);
      }
      ByteBuffer target = NativeIo.buffer(address, length);
      int n = Math.min(length, bytes.remaining());
      target.put(bytes.slice().limit(n));
      bytes.position(bytes.position() + n);
      if (!bytes.hasRemaining()) {
        head = null;
        undelivered = false;
        layer.pool().give(bytes);
      } else {
        Object registered = channel;
        if (registered != null) {
          layer.pending().mark(registered);
        }
      }
      return n;
    } finally {
      reading.unlock();
    }
  }

  /** A record that does not decrypt ends the connection: nothing after it can be trusted. */
  private IOException broken(SSLException e) {
    String reason = describe(e);
    fail(reason, e);
    return new SocketException(reason);
  }

  private IOException failure() {
    return client ? new MeshHandshakeException(failure) : new SocketException(failure);
  }

  @Override
  public int available() throws IOException {
    State now = state;
    if (now == State.PASSTHROUGH) {
      ByteBuffer bytes = head;
      return (bytes == null ? 0 : bytes.remaining()) + NativeIo.available(io);
    }
    if (now != State.ESTABLISHED || !reading.tryLock()) {
      return 0;
    }
    try {
      TlsLink tls = requireLink();
      if (!tls.undelivered() && NativeIo.available(io) == 0) {
        return 0;
      }
      guarded = true;
      try {
        return tls.available();
      } finally {
        guarded = false;
        note(tls);
      }
    } catch (SSLException e) {
      throw broken(e);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void shutdown(int how) throws IOException {
    lock.lock();
    try {
      boolean write = how != 0;
      inputShut |= how != 1;
      switch (state) {
        case CONNECTING, PEEKING, HANDSHAKING -> {
          // The driver needs both directions still; the JDK itself refuses further reads and
          // writes.
          shutdownRequested |= write;
          changed.signalAll();
          return;
        }
        case ESTABLISHED -> {
          if (write && !saidGoodbye()) {
            shutdownRequested = true;
            layer.driver().await(this, number, NativeIo.POLLOUT);
            return;
          }
        }
        default -> {
          // nothing of ours is in the way
        }
      }
      NativeIo.shutdown(io, how);
    } finally {
      lock.unlock();
    }
  }

  /**
   * close_notify, if that needs no waiting; false: the kernel has no room for it now. After a large
   * write that is usual, and without it the peer would take the end for a cut.
   */
  private boolean saidGoodbye() {
    if (!goodbye) {
      if (!writing.tryLock()) {
        return true; // another thread's write is being cut: the peer shall see that
      }
      try {
        goodbye = NativeIo.ready(io, NativeIo.POLLOUT) != 0 && requireLink().closeOutbound();
      } catch (IOException alreadyGone) {
        goodbye = true; // the peer has reset the connection: nobody is left to hear it
      } finally {
        writing.unlock();
      }
    }
    return goodbye;
  }

  /** The end of the output that had to wait for room in the kernel. */
  private void endOutputNow() throws IOException {
    if (!shutdownRequested || goodbye) {
      return;
    }
    if (!saidGoodbye()) {
      layer.driver().await(this, number, NativeIo.POLLOUT);
      return;
    }
    NativeIo.shutdown(io, 1);
    if (!lingering) {
      layer.driver().forget(this, number);
    }
  }

  @Override
  public boolean park(int event, long nanos) {
    State now = state;
    if (now == State.ESTABLISHED || now == State.PASSTHROUGH) {
      return event == NativeIo.POLLIN && undelivered;
    }
    if (now == State.CONNECTING && event == NativeIo.POLLOUT && roomForEarly()) {
      return false; // waits for the connect itself, of which the kernel knows
    }
    boolean interrupted = false;
    lock.lock();
    try {
      long end = nanos > 0 ? System.nanoTime() + nanos : Long.MAX_VALUE;
      while (unsettled() && !(event == NativeIo.POLLOUT ? roomForEarly() : inputShut)) {
        long left = end == Long.MAX_VALUE ? LIMIT_NANOS : end - System.nanoTime();
        if (left <= 0) {
          return true;
        }
        try {
          changed.awaitNanos(left);
        } catch (InterruptedException e) {
          // A socket's read is not interruptible on a platform thread; a virtual one's caller looks
          // itself.
          interrupted = true;
          if (VirtualThreads.current()) {
            return false;
          }
        }
      }
      return true;
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean unsettled() {
    return handshaking() && !closing && !lingering;
  }

  private boolean handshaking() {
    State now = state;
    return now == State.CONNECTING || now == State.PEEKING || now == State.HANDSHAKING;
  }

  /** Whether something waits here that the application believes to be on its way. */
  boolean unsent() {
    return early != null || (state == State.ESTABLISHED && shutdownRequested && !goodbye);
  }

  private boolean roomForEarly() {
    ByteBuffer buffer = early;
    return buffer == null || buffer.remaining() < EARLY_LIMIT;
  }

  @Override
  public int interest(Object registered, int events) {
    channel = registered; // before the state is read: settle() reads them the other way round
    switch (state) {
      case PEEKING, HANDSHAKING, CONNECTING -> {
        int wanted = events & ~NativeIo.POLLIN;
        return roomForEarly() ? wanted : wanted & ~NativeIo.POLLOUT;
      }
      default -> {
        if ((events & NativeIo.POLLIN) != 0 && undelivered()) {
          layer.pending().markSelecting(registered);
        }
        return events;
      }
    }
  }

  /** Whether a read would return something, or throw, although the kernel has nothing. */
  boolean undelivered() {
    return undelivered || state == State.FAILED;
  }

  @Override
  public boolean preClose() {
    lock.lock();
    try {
      if (state == State.ESTABLISHED) {
        if (closing || saidGoodbye() || requireLink().writing()) {
          return closing;
        }
        // The descriptor must live until close_notify is out. Readers leave at the end of the
        // input.
        closing = true;
        guarded = true;
        shutInput();
        return true;
      }
      if (!unsettled()) {
        return false;
      }
      changed.signalAll();
      if (early == null) {
        state = State.CLOSED;
        return false; // a thread may wait in the kernel for the connect: the JDK wakes that one
      }
      // Bytes must still leave, so the descriptor must live. All threads wait here; when they have
      // left, the JDK calls close, which lingers.
      closing = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean close() {
    lock.lock();
    try {
      Wire.detach(this);
      layer.closed(this);
      Object registered = channel;
      if (registered != null) {
        layer.pending().forget(registered);
      }
      // Also while CONNECTING: the JDK lets nobody write before it knows that it is connected, the
      // driver may learn it a little later.
      if (handshaking() && early != null) {
        startLingering();
        return true;
      }
      if (state == State.ESTABLISHED) {
        if (!saidGoodbye()) {
          startLingering();
          layer.driver().await(this, number, NativeIo.POLLOUT);
          return true;
        }
        drain();
      }
      layer.driver().forget(this, number);
      state = State.CLOSED;
      deadline = Long.MAX_VALUE;
      changed.signalAll();
      releaseBuffers();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void shutInput() {
    try {
      NativeIo.shutdown(io, 0);
    } catch (IOException alreadyGone) {
      // then nobody waits for input
    }
  }

  private void startLingering() {
    io = NativeIo.copy(descriptor);
    lingering = true;
    guarded = true;
    shutdownRequested = true;
    deadline = System.nanoTime() + (handshaking() ? LIMIT_NANOS : LINGER_NANOS);
    changed.signalAll();
  }

  /**
   * Takes the peer's close_notify out of the receive buffer: the kernel answers a close with unread
   * bytes by a reset, which destroys what we have written and the peer has not got yet. Bytes of
   * the application that it does not read have that effect on a plain socket too.
   */
  private void drain() {
    if (!undelivered && reading.tryLock()) {
      ByteBuffer scratch = layer.pool().take();
      guarded = true;
      try {
        requireLink().read(scratch);
      } catch (IOException alreadyGone) {
        // nothing to take
      } finally {
        layer.pool().give(scratch);
        reading.unlock();
      }
    }
  }

  /**
   * After a close with early bytes: everything has been sent, now wait for the peer to have read
   * it.
   */
  private void linger() {
    lock.lock();
    try {
      State now = state;
      if (!lingering
          || handshaking()
          || now == State.CLOSED
          || (now == State.ESTABLISHED && !goodbye)) {
        return;
      }
      ByteBuffer scratch = layer.pool().take();
      try {
        int n = read(scratch);
        for (int i = 0; i < LINGER_READS && n > 0; i++) {
          n = read(scratch.clear());
        }
        if (n == EOF || state == State.FAILED) {
          abandon();
        } else {
          layer.driver().await(this, number, NativeIo.POLLIN);
        }
      } catch (IOException e) {
        abandon();
      } finally {
        layer.pool().give(scratch);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The very end of a lingering close. */
  private void abandon() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      deadline = Long.MAX_VALUE;
      layer.driver().forget(this, number);
      releaseBuffers();
      try {
        NativeIo.close(io);
      } catch (IOException e) {
        layer.failed(this, "close: " + e.getMessage(), e);
      }
    }
  }

  /** Except those of a thread that the close has overtaken: they must not meet other bytes. */
  private void releaseBuffers() {
    TlsLink tls = link;
    if (reading.tryLock()) {
      try {
        if (tls != null) {
          tls.releaseInput();
        }
        if (head != null) {
          layer.pool().give(head);
          head = null;
        }
      } finally {
        reading.unlock();
      }
    }
    if (tls != null && writing.tryLock()) {
      try {
        tls.releaseOutput();
      } finally {
        writing.unlock();
      }
    }
    early = null;
  }

  private TlsLink requireLink() {
    TlsLink tls = link;
    if (tls == null) {
      throw new IllegalStateException("no TLS on this connection");
    }
    return tls;
  }

  // ---- the kernel's side ----

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (guarded && NativeIo.ready(io, NativeIo.POLLIN) == 0) {
      return UNAVAILABLE;
    }
    return NativeIo.read(io, target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (!guarded) {
      return NativeIo.write(io, source);
    }
    if (NativeIo.ready(io, NativeIo.POLLOUT) == 0) {
      return UNAVAILABLE;
    }
    int n = NativeIo.write(io, source.slice().limit(Math.min(source.remaining(), GUARDED_WRITE)));
    if (n > 0) {
      source.position(source.position() + n);
    }
    return n;
  }
}
