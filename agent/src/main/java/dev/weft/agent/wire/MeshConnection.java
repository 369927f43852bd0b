package dev.weft.agent.wire;

import dev.weft.agent.identity.MeshEngine;
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
import java.nio.channels.SelectionKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of the mesh, from the first packet to the close.
 *
 * <p>How it works, and why not the simple way: a plain socket's kernel accepts writes, and delivers
 * what was written before a close, whether or not the other end's application reads or has even
 * called accept. So the handshake must not run inside the application's own reads and writes. Until
 * it is done ({@link Opening}), the {@link Driver} alone touches the socket; the application's
 * writes go to a bounded buffer, its reads "would block", and its polls wait on our condition. Once
 * established, application threads encrypt and decrypt inline, in this class, and the driver is out
 * of the way. {@link Closing} is the end.
 *
 * <p>Locks: {@code lock} guards the state and everything the driver does; {@code reading} and
 * {@code writing} guard the two halves of the established link. A thread that blocks in the kernel
 * holds one of the latter only, so a close never waits for it. {@code ReentrantLock}s, because
 * {@code synchronized} pins virtual threads on JDK 21 to 23. Thread-safe.
 */
final class MeshConnection extends WireSession implements LiveConnection, Timed {
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

  /** {@link #failure} after a fault of our own. */
  private static final String TORN = "the mesh itself failed";

  final ConnectionHost host;
  final SocketIo io;
  final ReentrantLock lock = new ReentrantLock();
  final Waiters changed = new Waiters(lock);
  final ReentrantLock reading = new ReentrantLock();
  final ReentrantLock writing = new ReentrantLock();

  private final @Nullable SpiffeId expected; // client side
  private final Flow flow;
  private final boolean client;
  private final int number;
  private final Readiness readiness;
  private final Opening opening;
  private final Closing closing;

  private volatile State state;
  private volatile String failure = "";
  private volatile boolean torn;
  private volatile @Nullable SpiffeId peer;
  private volatile PeerRules.@Nullable Judged judged;
  private volatile long provenUntil = Long.MAX_VALUE;
  private volatile long deadline = Long.MAX_VALUE;
  private volatile boolean inputShut;
  private volatile boolean writerWaits;

  private volatile int answers; // written by the thread that reads
  private volatile boolean writesBlock;
  private @Nullable TlsLink link;

  MeshConnection(
      ConnectionHost host,
      FileDescriptor fd,
      SocketIo io,
      State state,
      InetSocketAddress remote,
      InetSocketAddress local,
      @Nullable SpiffeId expected) {
    this(
        host,
        fd,
        io,
        state,
        state == State.CONNECTING ? Flow.outbound(remote) : Flow.inbound(local, remote),
        expected);
  }

  private MeshConnection(
      ConnectionHost host,
      FileDescriptor fd,
      SocketIo io,
      State state,
      Flow flow,
      @Nullable SpiffeId expected) {
    super(fd);
    this.host = host;
    this.io = io;
    this.state = state;
    this.flow = flow;
    this.expected = expected;
    this.client = state == State.CONNECTING;
    this.number = Wire.number(fd);
    this.readiness = new Readiness(host.pending());
    this.opening = new Opening(this);
    this.closing = new Closing(this);
  }

  /**
   * A connection that the application is about to make; {@code expected} null: any identity of the
   * mesh.
   */
  static MeshConnection connecting(
      ConnectionHost host, FileDescriptor fd, Flow flow, @Nullable SpiffeId expected) {
    return new MeshConnection(host, fd, new KernelIo(fd), State.CONNECTING, flow, expected);
  }

  /** A connection that the application has accepted. */
  static MeshConnection accepted(
      ConnectionHost host, FileDescriptor fd, InetSocketAddress remote, InetSocketAddress local) {
    return new MeshConnection(
        host, fd, new KernelIo(fd), State.PEEKING, Flow.inbound(local, remote), null);
  }

  @Override
  public Flow flow() {
    return flow;
  }

  InetSocketAddress remote() {
    return flow.remote();
  }

  /** Where it was accepted. */
  InetSocketAddress local() {
    return flow.local();
  }

  boolean client() {
    return client;
  }

  /** The number of its descriptor, which no other open one has. */
  int number() {
    return number;
  }

  /** Whom a client wants to meet; null: any identity of the mesh. */
  @Nullable SpiffeId expected() {
    return expected;
  }

  @Override
  public Peer peer() {
    return new Peer(Optional.ofNullable(peer));
  }

  State state() {
    return state;
  }

  @Override
  public String stage() {
    State now = state;
    return now == State.PASSTHROUGH ? "plaintext" : now.name().toLowerCase(Locale.ROOT);
  }

  /** What the peer has proven itself with; empty: nothing yet, or it cannot be had any more. */
  X509Certificate[] peerChain() {
    TlsLink tls = link;
    if (peer == null || tls == null) {
      return new X509Certificate[0];
    }
    try {
      Certificate[] sent = tls.engine().getSession().getPeerCertificates();
      return Arrays.copyOf(sent, sent.length, X509Certificate[].class);
    } catch (SSLPeerUnverifiedException e) {
      return new X509Certificate[0];
    }
  }

  @Override
  public long provenUntil() {
    return provenUntil;
  }

  /** By what the peer has been judged last; null: only in the handshake. */
  PeerRules.@Nullable Judged judged() {
    return judged;
  }

  void judged(PeerRules.Judged by) {
    judged = by;
  }

  @Override
  public Map<String, Object> encryption() {
    TlsLink tls = link;
    if (state != State.ESTABLISHED || tls == null) {
      return Map.of();
    }
    SSLSession session = tls.engine().getSession();
    Map<String, Object> how = new LinkedHashMap<>();
    how.put("protocol", session.getProtocol());
    how.put("cipher", session.getCipherSuite());
    if (tls.engine() instanceof MeshEngine engine) {
      how.put("provider", engine.provider());
      how.put("group", engine.group());
    }
    return how;
  }

  /** Selectors may know the channel already. */
  void selectable(Object channel) {
    for (SelectionKey key : NativeIo.keys(channel)) {
      if (key != null) {
        readiness.register(key);
      }
    }
    readiness.full(); // they asked for the events before there was a session
  }

  // ---- the driver's side ----

  /** Hands the connection to the driver. */
  void start() {
    if (client) {
      host.awaitWritable(this);
    } else {
      deadlineIn(Opening.LIMIT_NANOS);
      host.awaitReadable(this);
    }
  }

  /** Does what can be done without waiting. Called on the driver's pool. */
  void ready() {
    lock.lock();
    try {
      switch (state) {
        case ESTABLISHED -> {
          if (opening.flush()) {
            closing.proceed();
          }
        }
        case PASSTHROUGH -> opening.flush();
        default -> opening.proceed();
      }
    } catch (IOException e) {
      fail(describe(e), e);
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
    } finally {
      try {
        closing.linger();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public boolean overdue(long now) {
    return deadline != Long.MAX_VALUE && now - deadline >= 0;
  }

  /** The time for the handshake, or for a lingering close, is over. */
  @Override
  public void expire() {
    lock.lock();
    try {
      if (closing.lingering() && !opening.waitsToSpeak()) {
        closing.abandon();
      } else {
        opening.expire();
        closing.linger();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reevaluate() {
    String refusal = null;
    switch (state) {
      case PEEKING -> {
        lock.lock();
        try {
          if (deadline == Long.MAX_VALUE && !host.plaintextAllowed(local().getPort())) {
            deadlineIn(Opening.LIMIT_NANOS);
          }
        } finally {
          lock.unlock();
        }
      }
      case ESTABLISHED -> refusal = host.refusesLive(this);
      case PASSTHROUGH -> refusal = host.refusesPlaintext(this);
      default -> {
        // decided when the handshake is done
      }
    }
    if (refusal != null) {
      fail(refusal, null);
    }
  }

  /** Ends the connection; the application learns {@code reason} at its next read or write. */
  void fail(String reason, @Nullable Throwable cause) {
    lock.lock();
    try {
      if (state == State.FAILED || state == State.CLOSED) {
        return;
      }
      host.failed(this, reason, cause);
      failQuietly(reason);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What was under way may be half done. {@link #poison} has been called where that matters, under
   * the lock that was held; here is all the rest, as far as memory and stack allow. The caller may
   * hold a selector's lock, for which the driver may wait while it holds ours.
   */
  @Override
  public void abort(Throwable fault) {
    poison();
    if (!lock.tryLock()) {
      host.later(
          () -> {
            lock.lock();
            endAborted(fault);
          });
      return;
    }
    endAborted(fault);
  }

  /** Lets go of the lock, too. */
  private void endAborted(Throwable fault) {
    try {
      if (state == State.FAILED && failure.equals(TORN)) {
        String reason = TORN + ": " + fault;
        failQuietly(reason);
        host.failed(this, reason, fault);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is sent or delivered from now on. Needs neither memory nor stack nor a lock. */
  private void poison() {
    if (state != State.CLOSED && state != State.FAILED) {
      failure = TORN;
      torn = true;
      state = State.FAILED;
    }
  }

  private String describe(IOException e) {
    String who = (client ? "connection to " : "connection from ") + remote();
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

  // ---- what opening and closing share, under the lock ----

  Opening opening() {
    return opening;
  }

  Closing closing() {
    return closing;
  }

  void state(State next) {
    state = next;
    if (torn && next != State.CLOSED) {
      state = State.FAILED; // a fault, noted without the lock, outlasts what we did not know of it
    }
  }

  void deadlineIn(long nanos) {
    deadline = System.nanoTime() + nanos;
  }

  /** {@link #deadlineIn}, unless there is one already. */
  void limit(long nanos) {
    if (deadline == Long.MAX_VALUE) {
      deadlineIn(nanos);
    }
  }

  void noDeadline() {
    deadline = Long.MAX_VALUE;
  }

  void link(TlsLink made) {
    link = made;
  }

  TlsLink requireLink() {
    TlsLink tls = link;
    if (tls == null) {
      throw new IllegalStateException("no TLS on this connection");
    }
    return tls;
  }

  /** Whether the handshake has shown who the peer is. */
  boolean proven() {
    return peer != null;
  }

  void prove(SpiffeId id) {
    peer = id;
    X509Certificate[] chain = peerChain();
    provenUntil =
        chain.length == 0 ? Long.MAX_VALUE : chain[0].getNotAfter().toInstant().toEpochMilli();
  }

  /** A client's TCP connection did not come about. */
  void refusedByPeer() {
    failure = "connection to " + remote() + ": Connection reset";
    settle(State.FAILED, false);
  }

  void failQuietly(String reason) {
    failure = reason;
    noDeadline();
    opening.early().clear();
    try {
      if (link != null && state == State.HANDSHAKING) {
        link.advance(); // lets an alert out
      }
    } catch (IOException alertNotSent) {
      // the peer hears of it by the reset
    }
    try {
      io.shutdown(2);
    } catch (IOException alreadyGone) {
      // nothing left to shut
    }
    settle(State.FAILED, readiness.undelivered());
    releaseBuffers(); // the application may take its time to close
    if (closing.lingering()) {
      closing.abandon();
    }
  }

  /**
   * The state has changed for good: wakes everyone who waits for it.
   *
   * @param undelivered whether we hold bytes for the application
   */
  void settle(State next, boolean undelivered) {
    opening.over();
    if (next != State.FAILED) {
      flow.countSent(opening.early().taken()); // now it has left; nobody else counts before this
    }
    if (!closing.lingering()) {
      host.forget(this);
      // Until they have left, no thread may start to wait in the kernel.
      io.guardReads(closing.begun());
      io.guardWrites(closing.begun() || !opening.early().isEmpty());
    }
    readiness.settling(undelivered);
    state(next);
    changed.wake();
    if (!closing.lingering()) {
      readiness.changed(undelivered());
    }
  }

  /** What was written early is out: writers need the driver no more. */
  void flushed() {
    if (!closing.lingering()) {
      host.forget(this);
      io.guardWrites(closing.begun());
      changed.wake();
      readiness.changed(undelivered());
    }
  }

  /** Whether the application's threads wait for the end of the handshake. */
  boolean unsettled() {
    return handshaking() && !closing.begun() && !closing.lingering();
  }

  /** Whether writers queue behind bytes that were written early. */
  private boolean writesEarly() {
    return !closing.begun()
        && !closing.lingering()
        && (handshaking() || !opening.early().isEmpty());
  }

  boolean handshaking() {
    State now = state;
    return now == State.CONNECTING || now == State.PEEKING || now == State.HANDSHAKING;
  }

  /** Except those of a thread that the close has overtaken: they must not meet other bytes. */
  void releaseBuffers() {
    TlsLink tls = link;
    if (reading.tryLock()) {
      try {
        if (tls != null) {
          tls.releaseInput();
        }
        opening.first().release();
      } finally {
        reading.unlock();
      }
    }
    if (tls != null) {
      if (writing.tryLock()) {
        try {
          tls.releaseOutput();
        } finally {
          writing.unlock();
        }
      }
      tls.release();
    }
    opening.early().clear();
  }

  // ---- the application's side: reading ----

  @Override
  public int read(long address, int length) throws IOException {
    return read(NativeIo.buffer(address, length));
  }

  int read(ByteBuffer target) throws IOException {
    if (closing.begun()) {
      return Transport.UNAVAILABLE; // the JDK sees that it is closed
    }
    return switch (state) {
      case ESTABLISHED -> readLink(target);
      case PASSTHROUGH -> readPlain(target);
      case FAILED -> throw failure();
      default -> inputShut ? Transport.EOF : Transport.UNAVAILABLE;
    };
  }

  @Override
  public long readv(long vectors, int count) throws IOException {
    long total = 0;
    for (ByteBuffer target : Vectors.buffers(vectors, count)) {
      if (!target.hasRemaining()) {
        continue;
      }
      int n;
      try {
        n = read(target);
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
      if (target.hasRemaining() || !readiness.undelivered()) {
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
        return Transport.UNAVAILABLE;
      }
      TlsLink tls = requireLink();
      int n = tls.read(target);
      flow.countReceived(n);
      readiness.note(tls.undelivered());
      if (tls.mayOweAnswer()) {
        answer(tls);
      }
      return n;
    } catch (SSLException e) {
      throw broken(e);
    } catch (IOException e) {
      if (state == State.FAILED) {
        throw failure(); // by us, and the reason is better than "reset"
      }
      if (e instanceof EOFException) {
        if (closing.begun()) {
          return Transport.UNAVAILABLE; // the JDK sees that it is closed
        }
        if (inputShut) {
          return Transport.EOF;
        }
        throw new SocketException(describe(e));
      }
      throw e;
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
    } finally {
      reading.unlock();
    }
  }

  /** A key update of the peer wants an answer; if somebody is writing, that carries it. */
  private void answer(TlsLink tls) {
    int before = answers; // one reader at a time
    answers = before + 1;
    try {
      if (writing.tryLock()) {
        try {
          if (io.writable()) {
            tls.answer();
          }
        } catch (IOException alreadyGone) {
          // the reader has its bytes; the next read or write meets the error
        } finally {
          writing.unlock();
        }
      }
    } finally {
      answers = before + 2;
    }
  }

  /**
   * Odd while a reader may hold {@link #writing} for an {@link #answer}, and another number after
   * each: so a thread that did not get the lock can tell whether a write was the reason.
   */
  int answers() {
    return answers;
  }

  private int readPlain(ByteBuffer target) throws IOException {
    reading.lock();
    try {
      FirstBytes first = opening.first();
      if (first.isEmpty()) {
        int read = io.read(target);
        flow.countReceived(read);
        return read;
      }
      int n = first.deliver(target);
      flow.countReceived(n);
      readiness.note(!first.isEmpty());
      return n;
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
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

  /** Whether a read would return something, or throw, although the kernel has nothing. */
  boolean undelivered() {
    return readiness.undelivered() || state == State.FAILED || (inputShut && handshaking());
  }

  @Override
  public int available() throws IOException {
    State now = state;
    if (now == State.PASSTHROUGH) {
      return opening.first().size() + io.available();
    }
    if (now != State.ESTABLISHED || !reading.tryLock()) {
      return 0;
    }
    try {
      TlsLink tls = requireLink();
      if (!tls.undelivered() && io.available() == 0) {
        return 0;
      }
      io.guardReads(true);
      try {
        return tls.available();
      } finally {
        io.guardReads(false);
        readiness.note(tls.undelivered());
      }
    } catch (SSLException e) {
      throw broken(e);
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
    } finally {
      reading.unlock();
    }
  }

  // ---- the application's side: writing ----

  @Override
  public void beginWrite(boolean blocking) {
    if (writesBlock != blocking) {
      writesBlock = blocking;
    }
  }

  @Override
  public int write(long address, int length) throws IOException {
    return (int) write(NativeIo.buffer(address, length));
  }

  @Override
  public long writev(long vectors, int count) throws IOException {
    return write(Vectors.buffers(vectors, count));
  }

  long write(ByteBuffer... sources) throws IOException {
    if (closing.begun()) {
      return Transport.UNAVAILABLE; // the JDK sees that it is closed
    }
    if (writerWaits) {
      writerWaits = false;
    }
    if (state == State.ESTABLISHED && opening.early().isEmpty()) {
      return writeLink(sources);
    }
    boolean passes = state == State.PASSTHROUGH && opening.early().isEmpty();
    long early = passes ? 0 : writeEarly(sources);
    if (!opening.early().isEmpty()) {
      return early == 0 ? Transport.UNAVAILABLE : early; // the rest must not overtake it
    }
    State now = state;
    boolean plain = now == State.PASSTHROUGH;
    if (early < 0 || !Vectors.hasRemaining(sources) || !(plain || now == State.ESTABLISHED)) {
      return early;
    }
    try {
      long n = plain ? writePlain(sources) : writeLink(sources);
      if (plain) {
        flow.countSent(n);
      }
      return early == 0 ? n : early + Math.max(n, 0);
    } catch (IOException e) {
      if (early > 0) {
        return early; // the next write meets the error again
      }
      throw e;
    }
  }

  /**
   * Before everything that was written early is out: what the bounded buffer takes. A channel in
   * blocking mode waits with the rest until then, because a kernel would not return from its write
   * before it has everything.
   */
  private long writeEarly(ByteBuffer[] sources) throws IOException {
    lock.lock();
    try {
      if (state == State.PEEKING && !opening.mustWaitToSpeak()) {
        opening.passThrough();
      }
      EarlyBytes early = opening.early();
      long total = 0;
      while (writesEarly()) {
        if (closing.unsent()) {
          throw new SocketException("Broken pipe"); // ended by another thread while this one waited
        }
        long taken = early.add(sources);
        total += taken;
        if (!Vectors.hasRemaining(sources)) {
          return total;
        }
        if (!writesBlock) {
          readiness.full();
          return total == 0 ? Transport.UNAVAILABLE : total;
        }
        while (writesEarly() && !early.hasRoom() && !closing.unsent()) {
          changed.await(Opening.LIMIT_NANOS);
        }
      }
      if (state == State.FAILED && total == 0) {
        throw failure();
      }
      boolean open = state == State.ESTABLISHED || state == State.PASSTHROUGH;
      return total == 0 && !open ? Transport.UNAVAILABLE : total;
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private long writeLink(ByteBuffer[] sources) throws IOException {
    writing.lock();
    try {
      if (state == State.CLOSED) {
        return Transport.UNAVAILABLE;
      }
      long n = requireLink().write(sources);
      flow.countSent(n);
      return n;
    } catch (SSLException e) {
      throw broken(e);
    } catch (IOException e) {
      throw state == State.FAILED ? failure() : e;
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
    } finally {
      writing.unlock();
    }
  }

  private long writePlain(ByteBuffer[] sources) throws IOException {
    long total = 0;
    for (ByteBuffer source : sources) {
      if (!source.hasRemaining()) {
        continue;
      }
      int n = io.write(source);
      if (n < 0) {
        return total > 0 ? total : n;
      }
      total += n;
      if (source.hasRemaining()) {
        break;
      }
    }
    return total;
  }

  /** Whether a thread waits for the kernel to take the rest of its write. */
  boolean writerWaits() {
    return writerWaits && requireLink().writing();
  }

  /** Whether something waits here that the application believes to be on its way. */
  boolean unsent() {
    if (!opening.early().isEmpty()) {
      return true;
    }
    // The handshake's end sends early bytes, and only then close_notify, without which they are a
    // truncated stream to the peer.
    State now = state;
    boolean spoken = now == State.HANDSHAKING && opening.early().taken() > 0;
    return (spoken || now == State.ESTABLISHED) && closing.unsent();
  }

  @Override
  public void shutdown(int how) throws IOException {
    lock.lock();
    try {
      boolean write = how != 0;
      inputShut |= how != 1;
      if (handshaking()) {
        // The driver needs both directions still; the JDK itself refuses further reads and writes.
        if (write) {
          closing.requestShutdown();
        }
        changed.wake();
        readiness.changed(undelivered());
        return;
      }
      if (write && !opening.early().isEmpty()) {
        closing.requestShutdown();
        if (how != 1) {
          io.shutdown(0);
        }
        changed.wake();
        readiness.changed(undelivered());
        return;
      }
      if (write && state == State.ESTABLISHED && !closing.endOutput()) {
        return;
      }
      io.shutdown(how);
    } catch (RuntimeException | Error e) {
      poison();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean encrypts() {
    return state != State.PASSTHROUGH;
  }

  /** A server that may still turn out to speak plaintext waits until it is known. */
  @Override
  public boolean takesUrgentData() {
    lock.lock();
    try {
      while (state == State.PEEKING
          && unsettled()
          && host.mayServerSpeakFirst(this)
          && opening.mustWaitToSpeak()) {
        changed.await(Opening.LIMIT_NANOS);
      }
      if (state == State.PEEKING && unsettled() && !opening.mustWaitToSpeak()) {
        opening.passThrough();
      }
      return state == State.PASSTHROUGH;
    } catch (IOException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  // ---- the application's side: waiting ----

  @Override
  public boolean park(int event, long nanos) {
    State now = state;
    EarlyBytes early = opening.early();
    boolean settled = now == State.ESTABLISHED || now == State.PASSTHROUGH;
    if (settled && (event == NativeIo.POLLIN || early.hasRoom())) {
      if (event == NativeIo.POLLOUT) {
        writerWaits = true;
      }
      return event == NativeIo.POLLIN && readiness.undelivered();
    }
    if (now == State.CONNECTING && event == NativeIo.POLLOUT && early.hasRoom()) {
      return false; // waits for the connect itself, of which the kernel knows
    }
    lock.lock();
    try {
      long end = nanos > 0 ? System.nanoTime() + nanos : Long.MAX_VALUE;
      while (waits(event)) {
        long left = end == Long.MAX_VALUE ? Opening.LIMIT_NANOS : end - System.nanoTime();
        if (left <= 0) {
          return true;
        }
        if (!VirtualThreads.current()) {
          changed.await(left); // a socket's read is not interruptible on a platform thread
        } else if (changed.awaitInterruptibly(left)) {
          return false; // the caller looks itself
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean waits(int event) {
    if (closing.begun() || closing.lingering()) {
      return false;
    }
    return event == NativeIo.POLLOUT
        ? !opening.early().hasRoom() && !closing.unsent()
        : handshaking() && !inputShut;
  }

  @Override
  public int interest(SelectionKey key, int events) {
    readiness.register(key); // before the state is read: settle() does it the other way round
    if ((events & NativeIo.POLLIN) != 0 && undelivered()) {
      readiness.readable(key);
    }
    return kernelEvents(events);
  }

  @Override
  public int poll(Object registered, int events) {
    readiness.registerAsynchronous(registered); // before the state is read, as above
    if ((events & NativeIo.POLLIN) != 0 && undelivered()) {
      AsynchronousChannels.readable(registered);
    }
    return kernelEvents(events);
  }

  /** During the handshake what the kernel has to read is the driver's. */
  private int kernelEvents(int events) {
    int wanted = opening.early().hasRoom() ? events : events & ~NativeIo.POLLOUT;
    return handshaking() ? wanted & ~NativeIo.POLLIN : wanted;
  }

  // ---- the application's side: closing ----

  @Override
  public boolean preClose() {
    lock.lock();
    try {
      return closing.preClose();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean close() {
    lock.lock();
    try {
      Wire.detach(this);
      host.closed(this);
      readiness.forget();
      return closing.close();
    } catch (RuntimeException | Error e) {
      state = State.CLOSED; // before the driver can look: the JDK closes the descriptor now
      throw e;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void abandon(Throwable fault) {
    lock.lock();
    try {
      state = State.CLOSED;
      host.forget(this);
      host.closed(this);
      readiness.forget();
      releaseBuffers();
    } finally {
      lock.unlock();
    }
  }
}
