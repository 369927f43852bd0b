package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A mesh engine on the JDK's.
 *
 * <p>Direct buffers are for the socket; the JDK's AES-GCM copies the ciphertext in them through
 * fresh arrays, piece by piece, which costs more than the cipher. So ciphertext passes through an
 * array that is lent for the call.
 */
final class JsseEngine extends MeshEngine {
  private static final int HEADER = 5;

  /** A peer may send key updates without end, which look like tickets from here. */
  private static final int MOST_TICKETS = 8;

  private final SSLEngine engine;
  private final PeerCheck check;
  private final BufferPool arrays;
  private final @Nullable Destination destination; // a client's
  private final @Nullable Tickets<Integer> tickets; // a client's

  private volatile boolean released;
  private volatile @Nullable Instant proven; // until when, by the peer's certificate
  private int received; // tickets; the reader's

  private JsseEngine(
      SSLEngine engine,
      PeerCheck check,
      BufferPool arrays,
      @Nullable Destination destination,
      @Nullable Tickets<Integer> tickets) {
    this.engine = engine;
    this.check = check;
    this.arrays = arrays;
    this.destination = destination;
    this.tickets = tickets;
  }

  /**
   * Of an engine in client mode.
   *
   * @param tickets the ports under which JSSE holds sessions
   */
  static JsseEngine client(
      SSLEngine engine,
      PeerCheck check,
      BufferPool arrays,
      Destination destination,
      Tickets<Integer> tickets) {
    return new JsseEngine(engine, check, arrays, destination, tickets);
  }

  /** Of an engine in server mode. */
  static JsseEngine server(SSLEngine engine, PeerCheck check, BufferPool arrays) {
    return new JsseEngine(engine, check, arrays, null, null);
  }

  @Override
  public SpiffeId peer() throws SSLException {
    requireLive();
    try {
      Certificate[] sent = engine.getSession().getPeerCertificates();
      X509Certificate[] chain = new X509Certificate[sent.length];
      System.arraycopy(sent, 0, chain, 0, sent.length);
      SpiffeId peer =
          check.check(
              chain,
              destination == null ? null : destination.expected(),
              engine.getApplicationProtocol());
      proven = chain[0].getNotAfter().toInstant();
      return peer;
    } catch (CertificateException e) {
      forgetSessions();
      throw new SSLException(e.getMessage(), e);
    }
  }

  @Override
  public String provider() {
    return "jsse";
  }

  @Override
  public void release() {
    released = true;
  }

  private void requireLive() throws SSLException {
    if (released) {
      throw new SSLException("the connection is closed");
    }
  }

  private void forgetSessions() {
    if (tickets != null && destination != null) {
      tickets.forget(destination);
    }
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target)
      throws SSLException {
    requireLive();
    try {
      SSLEngineResult result = seal(sources, offset, length, target);
      if (result.getHandshakeStatus() == HandshakeStatus.FINISHED
          && result.bytesProduced() == 0
          && result.getStatus() == Status.OK) {
        // All it had to say was that the handshake is finished, which we knew.
        result = seal(sources, offset, length, target);
      }
      return result;
    } catch (SSLException e) {
      refused();
      throw e;
    }
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length)
      throws SSLException {
    requireLive();
    try {
      SSLEngineResult result = open(source, targets, offset, length);
      if (result.bytesProduced() == 0 && result.bytesConsumed() > 0) {
        noteTicket(result);
      }
      return result;
    } catch (SSLException e) {
      refused();
      throw e;
    }
  }

  private SSLEngineResult seal(ByteBuffer[] sources, int offset, int length, ByteBuffer target)
      throws SSLException {
    if (!target.isDirect()) {
      return engine.wrap(sources, offset, length, target);
    }
    ByteBuffer record = arrays.take();
    record.limit(Math.min(record.capacity(), target.remaining()));
    SSLEngineResult result = engine.wrap(sources, offset, length, record);
    target.put(record.flip());
    arrays.give(record); // not after a fault, which may have left anything in it
    return result;
  }

  private SSLEngineResult open(ByteBuffer source, ByteBuffer[] targets, int offset, int length)
      throws SSLException {
    int from = source.position();
    int size = source.remaining() < HEADER ? 0 : HEADER + (source.getShort(from + 3) & 0xffff);
    if (!source.isDirect() || size == 0 || size > Math.min(source.remaining(), BufferPool.SIZE)) {
      return engine.unwrap(source, targets, offset, length);
    }
    ByteBuffer record = arrays.take().put(0, source, from, size).limit(size);
    SSLEngineResult result;
    try {
      result = engine.unwrap(record, targets, offset, length);
    } finally {
      source.position(from + record.position()); // a record that is refused is read, too
    }
    arrays.give(record);
    return result;
  }

  /** After the handshake, a record without application bytes brings a ticket. */
  private void noteTicket(SSLEngineResult result) {
    Instant until = proven;
    if (tickets != null
        && destination != null
        && until != null
        && result.getStatus() == Status.OK
        && received < MOST_TICKETS) {
      received++;
      tickets.give(destination, engine.getPeerPort(), until);
    }
  }

  /** What the session said may be why. */
  private void refused() {
    if (proven == null) {
      forgetSessions();
    }
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    HandshakeStatus status = engine.getHandshakeStatus();
    return status == HandshakeStatus.NEED_WRAP && destination == null && onlyTicketsLeft()
        ? HandshakeStatus.NOT_HANDSHAKING
        : status;
  }

  /** A server speaks last by its Finished; what it has to send after the client's is tickets. */
  private boolean onlyTicketsLeft() {
    SSLSession session = engine.getSession();
    return engine.getHandshakeSession() == null
        && session.isValid()
        && !"NONE".equals(session.getProtocol());
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    return engine.getDelegatedTask();
  }

  @Override
  public void beginHandshake() throws SSLException {
    engine.beginHandshake();
  }

  @Override
  public void closeInbound() throws SSLException {
    engine.closeInbound();
  }

  @Override
  public boolean isInboundDone() {
    return engine.isInboundDone();
  }

  @Override
  public void closeOutbound() {
    engine.closeOutbound();
  }

  @Override
  public boolean isOutboundDone() {
    return engine.isOutboundDone();
  }

  @Override
  public SSLSession getSession() {
    return engine.getSession();
  }

  @Override
  public @Nullable SSLSession getHandshakeSession() {
    return engine.getHandshakeSession();
  }

  @Override
  public String getApplicationProtocol() {
    return engine.getApplicationProtocol();
  }

  @Override
  public boolean getUseClientMode() {
    return destination != null;
  }
}
