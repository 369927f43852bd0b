package dev.weft.agent.wire;

import dev.weft.agent.wire.MeshConnection.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/**
 * The end of a connection: close_notify, half-close, and the <em>lingering</em> close. What an
 * application wrote before it closed still arrives, as with a plain socket, so a descriptor whose
 * bytes wait for a handshake or for room in the kernel is kept open, by us, until they are out.
 * Every method is called under the connection's lock, unless it says otherwise.
 */
final class Closing {
  /** What a close leaves to do ends within this time, as a kernel's own patience does. */
  private static final long LINGER_NANOS = 60_000_000_000L;

  private final MeshConnection connection;
  private final ConnectionHost host;
  private boolean shutdownRequested;
  private boolean goodbye; // close_notify is out
  private boolean reset; // SO_LINGER 0: the peer shall see a reset, no end of the stream
  private boolean peerEnded; // while we lingered
  private volatile boolean lingering; // closed by the JDK, held open by us
  private volatile boolean begun; // the JDK closes as soon as its threads have left

  Closing(MeshConnection connection) {
    this.connection = connection;
    this.host = connection.host;
  }

  /** Whether application threads shall leave. May be asked by anyone. */
  boolean begun() {
    return begun;
  }

  /** Whether the application has closed while we hold the descriptor. May be asked by anyone. */
  boolean lingering() {
    return lingering;
  }

  /** Whether the end of the output, which the application or its close wants, is not out yet. */
  boolean unsent() {
    return shutdownRequested && !goodbye;
  }

  /** The handshake is over: from now on only a lingering close has a time limit. */
  void noHandshakeDeadline() {
    if (!lingering) {
      connection.noDeadline();
    }
  }

  // ---- half-close ----

  /** The application has ended its output while the handshake went on. */
  void requestShutdown() {
    shutdownRequested = true;
  }

  /** Sends what {@link #requestShutdown} asked for; false: the kernel does not take it now. */
  boolean sendShutdown(TlsLink link) throws SSLException {
    if (shutdownRequested) {
      try {
        if (!link.closeOutbound()) {
          return false;
        }
      } catch (SSLException e) {
        throw e;
      } catch (IOException peerGone) {
        // nobody is left to hear it, and what the peer has sent before can still be read
      }
      goodbye = true;
      shutOutput();
    }
    return true;
  }

  /** {@link #sendShutdown(TlsLink)} of a plaintext connection. */
  void sendShutdown() {
    if (shutdownRequested) {
      shutOutput();
    }
  }

  private void shutOutput() {
    try {
      connection.io.shutdown(1);
    } catch (IOException peerGone) {
      // then there is no output
    }
  }

  /** Ends the output of an established connection; false: the driver will, there is no room now. */
  boolean endOutput() {
    // A thread in the middle of a write must leave at once; its write is cut, the peer shall see
    // it.
    if (connection.writerWaits() || saidGoodbye()) {
      return true;
    }
    shutdownRequested = true;
    host.awaitWritable(connection);
    return false;
  }

  /** The end of the output that had to wait for room in the kernel. */
  void proceed() {
    if (unsent()) {
      if (!saidGoodbye()) {
        host.awaitWritable(connection);
        return;
      }
      shutOutput();
      if (!lingering) {
        host.forget(connection);
      }
    }
  }

  /**
   * close_notify, if that needs no waiting; false: the kernel has no room for it now, or a reader
   * is in the way. After a large write that is usual, and without it the peer would take the end
   * for a cut.
   */
  private boolean saidGoodbye() {
    if (!goodbye) {
      int answers = connection.answers();
      if (!connection.writing.tryLock()) {
        // Another thread's write is being cut, and the peer shall see that; a reader's answer,
        // which is over in a moment, is no write.
        return (answers & 1) == 0 && answers == connection.answers();
      }
      try {
        goodbye = connection.io.writable() && connection.requireLink().closeOutbound();
      } catch (IOException alreadyGone) {
        goodbye = true; // the peer has reset the connection: nobody is left to hear it
      } finally {
        connection.writing.unlock();
      }
    }
    return goodbye;
  }

  // ---- close ----

  /** See {@code WireSession.preClose}. */
  boolean preClose() {
    State state = connection.state();
    boolean early = !connection.opening().early().isEmpty();
    if (state == State.ESTABLISHED || (state == State.PASSTHROUGH && early)) {
      boolean nothingToSay = !early && (saidGoodbye() || connection.requireLink().writing());
      if (begun || resets() || nothingToSay) {
        return begun;
      }
      // The descriptor must live until everything is out. Readers leave at the end of the input.
      begun = true;
      guard();
      shutInput();
      connection.changed.wake();
      return true;
    }
    if (!connection.unsettled()) {
      return false;
    }
    connection.changed.wake();
    if (opensUntil() == 0) {
      connection.state(State.CLOSED);
      return false; // a thread may wait in the kernel for the connect: the JDK wakes that one
    }
    // The handshake must end first, so the descriptor must live. All threads wait here; when they
    // have left, the JDK calls close, which lingers.
    begun = true;
    return true;
  }

  /** From now on only the driver reads and writes. */
  private void guard() {
    connection.io.guardReads(true);
    connection.io.guardWrites(true);
  }

  private void shutInput() {
    try {
      connection.io.shutdown(0);
    } catch (IOException alreadyGone) {
      // then nobody waits for input
    }
  }

  /** See {@code WireSession.close}. */
  boolean close() {
    long limit = opensUntil();
    if (limit > 0) {
      startLingering(limit);
      return true;
    }
    if (!connection.opening().early().isEmpty() && !resets()) {
      startLingering(LINGER_NANOS);
      host.awaitEither(connection);
      return true;
    }
    if (connection.state() == State.ESTABLISHED && !resets()) {
      if (!saidGoodbye()) {
        startLingering(LINGER_NANOS);
        host.awaitEither(connection);
        return true;
      }
      drain();
    }
    host.forget(connection);
    end();
    return false;
  }

  /**
   * How long a close waits for the end of the handshake, in nanoseconds; 0: not at all. The peer
   * shall get what was written, and then see an end as of a plain socket, not a cut handshake.
   */
  private long opensUntil() {
    if (!connection.handshaking()) {
      return 0;
    }
    if (!connection.opening().early().isEmpty()) {
      return Opening.LIMIT_NANOS;
    }
    if (resets() || !connected()) {
      return 0;
    }
    if (connection.state() != State.PEEKING || !connection.opening().first().isEmpty()) {
      return Opening.LIMIT_NANOS;
    }
    if (!host.plaintextAllowed(connection.local().getPort())) {
      return Opening.LIMIT_NANOS;
    }
    // A stranger that nobody has talked to is the kernel's: a child process of the application may
    // have inherited the descriptor, and what comes in from now on.
    return host.expectsHello(connection) ? host.clientHelloWithin(connection) : 0;
  }

  /** The driver may learn it a little later than the JDK. */
  private boolean connected() {
    try {
      return connection.state() != State.CONNECTING
          || (connection.io.writable() && !connection.io.broken());
    } catch (IOException neverWas) {
      return false;
    }
  }

  /**
   * Whether the application wants its close to be a reset. What it wrote before may still arrive,
   * as what a plain socket has sent before does.
   */
  private boolean resets() {
    try {
      return connection.io.resetsOnClose();
    } catch (IOException alreadyGone) {
      return false;
    }
  }

  private void end() {
    connection.opening().over();
    connection.state(State.CLOSED);
    connection.noDeadline();
    connection.changed.wake();
    connection.releaseBuffers();
  }

  private void startLingering(long limit) {
    connection.io.keep();
    guard();
    lingering = true;
    reset = resets();
    shutdownRequested |= !reset;
    if (!connection.opening().waitsToSpeak()) {
      connection.deadlineIn(limit);
      if (limit < Opening.LIMIT_NANOS) {
        host.watch(connection);
      }
    }
    connection.changed.wake();
  }

  /**
   * Takes the peer's close_notify out of the receive buffer: the kernel answers a close with unread
   * bytes by a reset, which destroys what we have written and the peer has not got yet. Bytes of
   * the application that it does not read have that effect on a plain socket too.
   */
  private void drain() {
    if (!connection.undelivered() && connection.reading.tryLock()) {
      ByteBuffer scratch = host.pool().take();
      connection.io.guardReads(true);
      try {
        connection.requireLink().read(scratch);
      } catch (IOException alreadyGone) {
        // nothing to take
      } finally {
        host.pool().give(scratch);
        connection.reading.unlock();
      }
    }
  }

  /**
   * A lingering close ends when everything has been sent and the peer has read it, which its own
   * end tells. What the peer sends before all of that is out is thrown away: it may read nothing
   * sooner. What it sends afterwards comes too late: a plain socket's kernel would reset the
   * connection.
   */
  void linger() {
    State state = connection.state();
    if (!lingering || connection.handshaking() || state == State.CLOSED) {
      return;
    }
    boolean out =
        connection.opening().early().isEmpty() && (state != State.ESTABLISHED || !unsent());
    if (out && (reset || state != State.ESTABLISHED)) {
      abandon(); // a plaintext connection's kernel does the rest, as it always does
      return;
    }
    int discarded;
    try {
      discarded = peerEnded ? Transport.EOF : discard();
    } catch (IOException e) {
      abandon();
      return;
    }
    peerEnded = discarded == Transport.EOF;
    if (out && discarded != Transport.UNAVAILABLE) {
      abandon();
    } else if (out) {
      host.awaitReadable(connection);
    } else if (peerEnded) {
      host.awaitWritable(connection);
    } else {
      host.awaitEither(connection);
    }
  }

  /** Takes some of what the peer has sent: what a read would have returned. */
  private int discard() throws IOException {
    if (!connection.reading.tryLock()) {
      return Transport.UNAVAILABLE; // a thread that is about to leave
    }
    ByteBuffer scratch = host.pool().take();
    try {
      return connection.state() == State.ESTABLISHED
          ? connection.requireLink().read(scratch)
          : connection.io.read(scratch);
    } finally {
      host.pool().give(scratch);
      connection.reading.unlock();
    }
  }

  /** The very end of a lingering close. */
  void abandon() {
    if (connection.state() != State.CLOSED) {
      host.forget(connection);
      host.unwatch(connection);
      end();
      try {
        connection.io.close();
      } catch (IOException e) {
        host.failed(connection, "close: " + e.getMessage(), e);
      }
    }
  }
}
