package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import io.netty.internal.tcnative.SSL;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A mesh engine on BoringSSL, by the JNI of netty-tcnative.
 *
 * <p>BoringSSL is never given less room than a record needs, and reads nothing while what it wrote
 * still {@linkplain OpenSslBio waits}. So it holds nothing back but tickets, which it sends with
 * the first write by itself.
 *
 * <p>One lock around BoringSSL, which is not thread-safe; what runs under it takes microseconds,
 * except the handshake's signature. The check of the peer's certificate is a delegated task and
 * runs outside.
 */
final class OpenSslEngine extends MeshEngine {
  private static final int HEADER = 5;
  private static final int LARGEST_PLAINTEXT = 16_384;
  private static final int LARGEST_RECORD = HEADER + LARGEST_PLAINTEXT + 256;

  /** A record without its plaintext: header, content type, tag. */
  private static final int FRAME = HEADER + 1 + 16;

  /** Room to leave beside the plaintext: a record's frame and an answer to a key update. */
  private static final int OVERHEAD = 128;

  private final OpenSslContext context;
  private final @Nullable Destination destination; // a client's
  private final ReentrantLock lock = new ReentrantLock();
  private final OpenSslPeer peer;
  private final OpenSslBio bio;
  private long ssl; // 0: released

  private boolean begun;
  private boolean spoken; // a client's first flight has been made
  private boolean established;
  private boolean holdsTickets; // a server's, for the first application bytes
  private boolean closing;
  private boolean outboundDone;
  private boolean inboundDone;
  private @Nullable Runnable task;
  private boolean taskTaken;
  private @Nullable SSLException unthrown; // met in a task
  private @Nullable String fatal;

  OpenSslEngine(OpenSslContext context, long ssl, @Nullable Destination destination) {
    this.context = context;
    this.ssl = ssl;
    this.destination = destination;
    this.peer = new OpenSslPeer(context.check(), destination);
    this.bio = new OpenSslBio(ssl);
    this.holdsTickets = destination == null;
  }

  // ---- who the peer is ----

  @Override
  public SpiffeId peer() throws SSLException {
    lock.lock();
    try {
      requireLive();
      return peer.prove(ssl);
    } catch (CertificateException e) {
      forgetSessions();
      throw new SSLException(e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  /** BoringSSL asks, in a task, outside the lock. */
  int verify(byte[][] sent) {
    String alpn;
    lock.lock();
    try {
      alpn = ssl == 0 ? null : SSL.getAlpnSelected(ssl);
    } finally {
      lock.unlock();
    }
    return peer.verify(sent, alpn);
  }

  /**
   * BoringSSL tells, inside a read of ours; true: the session is ours now.
   *
   * <p>Throws nothing. A read may bring several tickets, and the JNI answers "not taken" for each
   * while a throwable of an earlier one is pending: BoringSSL would free sessions that we keep.
   */
  boolean ticketReceived(long session) {
    boolean taken = false;
    try {
      Instant until = peer.proven();
      if (destination != null && until != null) {
        context.tickets().give(destination, session, earlier(until, context.sessionsEnd()));
        taken = true;
      }
    } catch (RuntimeException | Error e) {
      // no memory for a ticket: the next handshake is a full one
    }
    return taken;
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private void forgetSessions() {
    if (destination != null) {
      context.tickets().forget(destination);
    }
  }

  // ---- sending ----

  @Override
  public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target)
      throws SSLException {
    if (!target.isDirect()) {
      return wrapBeside(sources, offset, length, target);
    }
    lock.lock();
    try {
      requireLive();
      throwUnthrown();
      int start = target.position();
      bio.flush(target);
      int consumed = 0;
      boolean room = true;
      if (bio.waits()) {
        room = target.position() > start;
      } else if (fatal != null) {
        outboundDone = true;
      } else if (!established) {
        room = handshakeInto(target);
      } else if (closing) {
        room = closeInto(target);
      } else {
        consumed = encrypt(sources, offset, length, target);
        room = consumed >= 0;
      }
      Status status = room ? (outboundDone ? Status.CLOSED : Status.OK) : Status.BUFFER_OVERFLOW;
      return new SSLEngineResult(
          status, status(), Math.max(consumed, 0), target.position() - start);
    } finally {
      lock.unlock();
    }
  }

  /** Heap buffers do not occur on a connection. */
  private SSLEngineResult wrapBeside(
      ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException {
    ByteBuffer direct = ByteBuffer.allocateDirect(target.remaining());
    try {
      return wrap(sources, offset, length, direct);
    } finally {
      target.put(direct.flip());
    }
  }

  private boolean handshakeInto(ByteBuffer target) throws SSLException {
    if (closing) {
      outboundDone = true; // nothing to say that would help the peer
    } else if (task == null) {
      if (!target.hasRemaining()) {
        return false;
      }
      bio.sink(target);
      try {
        handshake();
      } finally {
        bio.sunk(target);
      }
    }
    return true;
  }

  private boolean closeInto(ByteBuffer target) {
    if (outboundDone) {
      return true;
    }
    if (target.remaining() < OVERHEAD) {
      return false;
    }
    bio.sink(target);
    int done = SSL.shutdownSSL(ssl);
    bio.sunk(target);
    if (done < 0 && SSL.getError(ssl, done) == SSL.SSL_ERROR_WANT_WRITE) {
      return true; // tickets before it filled the target: again
    }
    SSL.clearError();
    outboundDone = true;
    return true;
  }

  /** The number of plaintext bytes consumed; negative: the target is too small. */
  private int encrypt(ByteBuffer[] sources, int offset, int length, ByteBuffer target)
      throws SSLException {
    int wanted = 0;
    ByteBuffer first = null;
    for (int i = offset; i < offset + length && wanted < LARGEST_PLAINTEXT; i++) {
      int more = sources[i].remaining();
      if (more > 0) {
        first = first == null ? sources[i] : first;
        wanted = Math.min(LARGEST_PLAINTEXT, wanted + more);
      }
    }
    if (first == null) {
      return 0;
    }
    if (holdsTickets && !sendTickets(target)) {
      return 0;
    }
    int n = Math.min(wanted, target.remaining() - OVERHEAD);
    if (n <= 0) {
      return target.remaining() - OVERHEAD >= 0 ? 0 : -1;
    }
    boolean alone = first.isDirect() && first.remaining() >= n;
    long from = alone ? OpenSslBio.address(first) : gather(sources, offset, n, target);
    bio.sink(target);
    int written = SSL.writeToSSL(ssl, from, n);
    bio.sunk(target);
    if (written <= 0) {
      throw fail(SSL.getError(ssl, written));
    }
    consume(sources, offset, written);
    return written;
  }

  /** A write of nothing makes BoringSSL send its tickets; false: some did not fit. */
  private boolean sendTickets(ByteBuffer target) throws SSLException {
    bio.sink(target);
    int written = SSL.writeToSSL(ssl, OpenSslBio.address(target), 0);
    bio.sunk(target);
    if (written < 0) {
      int error = SSL.getError(ssl, written);
      if (error == SSL.SSL_ERROR_WANT_WRITE) {
        return false;
      }
      throw fail(error);
    }
    holdsTickets = false;
    return true;
  }

  /**
   * Several small pieces become one record: they meet at the target's far end, which is free until
   * BoringSSL has encrypted them.
   */
  private static long gather(ByteBuffer[] sources, int offset, int n, ByteBuffer target) {
    int begin = target.limit() - n;
    int at = begin;
    for (int i = offset; at < target.limit(); i++) {
      int more = Math.min(sources[i].remaining(), target.limit() - at);
      target.put(at, sources[i], sources[i].position(), more);
      at += more;
    }
    return OpenSslBio.address(target) + begin - target.position();
  }

  private static void consume(ByteBuffer[] sources, int offset, int n) {
    int left = n;
    for (int i = offset; left > 0; i++) {
      int more = Math.min(sources[i].remaining(), left);
      sources[i].position(sources[i].position() + more);
      left -= more;
    }
  }

  // ---- receiving ----

  @Override
  public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length)
      throws SSLException {
    ByteBuffer target = first(targets, offset, length);
    if (!source.isDirect() || !target.isDirect()) {
      return unwrapBeside(source, target);
    }
    lock.lock();
    try {
      requireLive();
      throwUnthrown();
      if (fatal != null) {
        throw new SSLException(fatal);
      }
      if (inboundDone) {
        return new SSLEngineResult(Status.CLOSED, status(), 0, 0);
      }
      int record = recordLength(source);
      if (record < 0) {
        return new SSLEngineResult(Status.BUFFER_UNDERFLOW, status(), 0, 0);
      }
      return established ? decrypt(source, record, target) : handshakeFrom(source, record);
    } finally {
      lock.unlock();
    }
  }

  private static ByteBuffer first(ByteBuffer[] targets, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (targets[i].hasRemaining()) {
        return targets[i];
      }
    }
    return targets[offset];
  }

  /** Heap buffers do not occur on a connection. */
  private SSLEngineResult unwrapBeside(ByteBuffer source, ByteBuffer target) throws SSLException {
    ByteBuffer from = ByteBuffer.allocateDirect(source.remaining()).put(source.duplicate()).flip();
    ByteBuffer to = ByteBuffer.allocateDirect(target.remaining());
    try {
      return unwrap(from, new ByteBuffer[] {to}, 0, 1);
    } finally {
      source.position(source.position() + from.position());
      target.put(to.flip());
    }
  }

  /** Of the complete record at the front, or of what is too large to become one; negative: wait. */
  private static int recordLength(ByteBuffer source) {
    int there = source.remaining();
    if (there < HEADER) {
      return -1;
    }
    int length = HEADER + (source.getShort(source.position() + 3) & 0xffff);
    if (length > LARGEST_RECORD) {
      return Math.min(length, there); // BoringSSL says what is wrong with it
    }
    return length <= there ? length : -1;
  }

  private SSLEngineResult handshakeFrom(ByteBuffer source, int record) throws SSLException {
    int consumed = 0;
    if (!bio.waits() && task == null) {
      bio.source(source, record);
      try {
        handshake();
      } finally {
        consumed = bio.drawn(source, record);
        bio.detach();
      }
    }
    return new SSLEngineResult(Status.OK, status(), consumed, 0);
  }

  private SSLEngineResult decrypt(ByteBuffer source, int record, ByteBuffer target)
      throws SSLException {
    if (target.remaining() < Math.max(1, record - FRAME)) {
      return new SSLEngineResult(Status.BUFFER_OVERFLOW, status(), 0, 0);
    }
    bio.source(source, record);
    int n = SSL.readFromSSL(ssl, OpenSslBio.address(target), target.remaining());
    int consumed = bio.drawn(source, record);
    if (n > 0) {
      target.position(target.position() + n);
      return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, consumed, n);
    }
    int error = SSL.getError(ssl, n);
    if (error == SSL.SSL_ERROR_WANT_READ) {
      return new SSLEngineResult(Status.OK, status(), consumed, 0); // a ticket, a key update
    }
    if (error == SSL.SSL_ERROR_ZERO_RETURN) {
      inboundDone = true;
      return new SSLEngineResult(Status.CLOSED, status(), consumed, 0);
    }
    throw fail(error);
  }

  // ---- the handshake ----

  /** Goes on as far as the BIO lets it. */
  private void handshake() throws SSLException {
    spoken = true;
    int done = SSL.doHandshake(ssl);
    if (done == 1) {
      established = true;
    } else {
      int error = SSL.getError(ssl, done);
      if (error == SSL.SSL_ERROR_WANT_CERTIFICATE_VERIFY) {
        Runnable asked = SSL.getTask(ssl);
        task = asked == null ? task : asked;
      } else if (error != SSL.SSL_ERROR_WANT_READ && error != SSL.SSL_ERROR_WANT_WRITE) {
        throw fail(error);
      }
    }
    bio.look();
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    lock.lock();
    try {
      Runnable verification = task;
      if (verification == null || taskTaken) {
        return null;
      }
      taskTaken = true;
      return () -> {
        verification.run();
        verified();
      };
    } finally {
      lock.unlock();
    }
  }

  /** The handshake goes on at once, without bytes to read: it may have something to send. */
  private void verified() {
    lock.lock();
    try {
      task = null;
      taskTaken = false;
      if (ssl != 0 && fatal == null) {
        bio.detach();
        handshake();
      }
    } catch (SSLException e) {
      unthrown = e;
    } finally {
      lock.unlock();
    }
  }

  private SSLException fail(int error) {
    bio.look(); // an alert
    String reason = error == SSL.SSL_ERROR_SSL ? SSL.getLastError() : "the peer closed";
    SSL.clearError();
    CertificateException refused = peer.refusal();
    String message = refused == null ? describe(reason) : String.valueOf(refused.getMessage());
    fatal = message;
    if (peer.proven() == null) {
      forgetSessions(); // what the session said may be why
    }
    SSLException e = established ? new SSLException(message) : new SSLHandshakeException(message);
    if (refused != null) {
      e.initCause(refused);
    }
    return e;
  }

  /** {@code error:10000416:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE}. */
  private static String describe(String error) {
    String reason = error.substring(error.lastIndexOf(':') + 1);
    int alert = reason.indexOf("_ALERT_");
    return alert >= 0
        ? "Received fatal alert: "
            + reason.substring(alert + "_ALERT_".length()).toLowerCase(Locale.ROOT)
        : "BoringSSL: " + reason.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private void throwUnthrown() throws SSLException {
    SSLException e = unthrown;
    if (e != null) {
      unthrown = null;
      throw e;
    }
  }

  @Override
  public void beginHandshake() {
    lock.lock();
    try {
      begun = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    lock.lock();
    try {
      return status();
    } finally {
      lock.unlock();
    }
  }

  private HandshakeStatus status() {
    if (ssl == 0) {
      return HandshakeStatus.NOT_HANDSHAKING;
    }
    if (unthrown != null || bio.waits()) {
      return HandshakeStatus.NEED_WRAP;
    }
    if (!begun || established || fatal != null) {
      return HandshakeStatus.NOT_HANDSHAKING;
    }
    if (task != null) {
      return HandshakeStatus.NEED_TASK;
    }
    return destination != null && !spoken ? HandshakeStatus.NEED_WRAP : HandshakeStatus.NEED_UNWRAP;
  }

  // ---- the end ----

  @Override
  public void closeInbound() {
    lock.lock();
    try {
      inboundDone = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isInboundDone() {
    lock.lock();
    try {
      return inboundDone || fatal != null || ssl == 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void closeOutbound() {
    lock.lock();
    try {
      closing = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOutboundDone() {
    lock.lock();
    try {
      return ssl == 0 || (outboundDone && !bio.waits());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void release() {
    lock.lock();
    try {
      if (ssl != 0) {
        context.forget(ssl);
        SSL.freeSSL(ssl); // and the BIO
        ssl = 0;
        context.release();
      }
    } finally {
      lock.unlock();
    }
  }

  private void requireLive() throws SSLException {
    if (ssl == 0) {
      throw new SSLException("the connection is closed");
    }
  }

  // ---- for people ----

  @Override
  public String provider() {
    return "openssl";
  }

  /** The name of the key exchange, such as {@code X25519MLKEM768}; empty: not known. */
  @Override
  public String group() {
    lock.lock();
    try {
      String name = established && ssl != 0 ? SSL.getGroupName(ssl) : null;
      return name == null ? "" : name;
    } catch (Exception e) {
      return "";
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SSLSession getSession() {
    lock.lock();
    try {
      return established && ssl != 0
          ? new OpenSslSession("TLSv1.3", SSL.getCipherForSSL(ssl), List.of(peer.chain(ssl)))
          : OpenSslSession.NONE;
    } catch (CertificateException e) {
      return OpenSslSession.NONE;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String getApplicationProtocol() {
    lock.lock();
    try {
      String alpn = established && ssl != 0 ? SSL.getAlpnSelected(ssl) : null;
      return alpn == null ? "" : alpn;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean getUseClientMode() {
    return destination != null;
  }
}
