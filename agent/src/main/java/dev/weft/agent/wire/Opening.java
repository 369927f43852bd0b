package dev.weft.agent.wire;

import dev.weft.agent.wire.MeshConnection.State;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection until it is settled: connect or peek, handshake, policy, and what was written early.
 * All of it is the driver's work, so that no application thread has to do it. Every method is
 * called under the connection's lock, unless it says otherwise.
 */
final class Opening {
  /** A handshake ends within this time. */
  static final long LIMIT_NANOS = 10_000_000_000L;

  private final MeshConnection connection;
  private final ConnectionHost host;
  private final EarlyBytes early = new EarlyBytes();
  private final FirstBytes first;
  private boolean speaks; // the application has written before the client has shown who it is
  private boolean admitted; // it counts among the unfinished handshakes

  Opening(MeshConnection connection) {
    this.connection = connection;
    this.host = connection.host;
    this.first = new FirstBytes(host.pool());
  }

  /** What the application has written so far. */
  EarlyBytes early() {
    return early;
  }

  /** What the peer sent before anybody knew who it is; the reader's in a plaintext connection. */
  FirstBytes first() {
    return first;
  }

  /** Does what can be done without waiting. */
  void proceed() throws IOException {
    switch (connection.state()) {
      case CONNECTING -> connected();
      case PEEKING -> peek();
      case HANDSHAKING -> handshake();
      default -> {
        // closed or failed meanwhile
      }
    }
  }

  /** The time for it is over. */
  void expire() {
    State state = connection.state();
    if (waitsToSpeak()) {
      speak();
    } else if (state == State.PEEKING
        && first.isEmpty()
        && host.plaintextAllowed(connection.local().getPort())) {
      connection.noDeadline(); // an idle plaintext client, such as a pool's spare connection
    } else if (state == State.PEEKING || state == State.HANDSHAKING) {
      connection.fail(
          "handshake with " + connection.remote() + " not finished after 10 s",
          new SocketTimeoutException("handshake"));
    }
  }

  /** It is settled or closed. */
  void over() {
    if (admitted) {
      admitted = false;
      host.handshakeOver();
    }
  }

  /**
   * Whether what the server writes before the client must be kept for now. A client of the mesh
   * speaks first, at once; so after a while without a word it is none, and hears the server in
   * plaintext.
   */
  boolean mustWaitToSpeak() {
    if (!host.mayServerSpeakFirst(connection)) {
      return true;
    }
    long nanos = host.clientHelloWithin(connection);
    if (nanos == 0) {
      return false;
    }
    if (!speaks) {
      speaks = true;
      connection.deadlineIn(nanos);
      host.watch(connection);
    }
    return true;
  }

  /** Whether {@link #mustWaitToSpeak} waits for its deadline. */
  boolean waitsToSpeak() {
    return speaks && connection.state() == State.PEEKING && first.isEmpty();
  }

  /** The client has had its time to speak first. */
  private void speak() {
    host.unwatch(connection);
    speaks = false;
    if (connection.closing().lingering()) {
      connection.deadlineIn(LIMIT_NANOS);
    }
    if (!host.mayServerSpeakFirst(connection)) {
      connection.deadlineIn(LIMIT_NANOS); // the policy has changed
      return;
    }
    try {
      passThrough();
    } catch (IOException e) {
      connection.fail("connection to " + connection.remote() + ": " + e.getMessage(), e);
    }
  }

  private void connected() throws IOException {
    // Asked anew: the event may have been about an earlier connection with our number.
    if (connection.io.broken()) {
      // Refused, or connected and reset since. The error stays in the socket, where the
      // application's own finishConnect finds it; who is past that hears of it from us.
      connection.refusedByPeer();
      return;
    }
    if (!connection.io.writable()) {
      host.awaitWritable(connection);
      return;
    }
    connection.deadlineIn(LIMIT_NANOS);
    SSLEngine engine = host.tls().client(connection.expected(), connection.remote());
    beginHandshake(new TlsLink(engine, connection.io, host.pool(), null));
  }

  private void peek() throws IOException {
    if (speaks) {
      speaks = false; // it has something to say
      host.unwatch(connection);
      connection.deadlineIn(LIMIT_NANOS);
    }
    if (first.fill(connection.io) == Transport.EOF) {
      String refusal = host.refusesPlaintext(connection);
      if (refusal == null) {
        passThrough();
      } else if (first.isEmpty()) {
        connection.failQuietly(refusal); // a probe of the port
      } else {
        connection.fail(refusal, null);
      }
      return;
    }
    if (!admitted && !first.isEmpty()) {
      String refusal = host.refusesHandshake(connection);
      if (refusal != null) {
        connection.fail(refusal, null);
        return;
      }
      admitted = true;
      connection.limit(LIMIT_NANOS); // it may have been silent for longer
    }
    switch (first.kind()) {
      case UNDECIDED -> {
        first.shelve();
        host.awaitReadable(connection);
      }
      case MESH -> {
        ByteBuffer hello = first.take();
        beginHandshake(new TlsLink(host.tls().server(), connection.io, host.pool(), hello));
      }
      case OTHER_TLS, NOT_TLS -> {
        String refusal = host.refusesPlaintext(connection);
        if (refusal != null) {
          connection.fail(refusal, null);
        } else {
          first.shelve();
          passThrough();
        }
      }
    }
  }

  private void beginHandshake(TlsLink link) throws IOException {
    connection.link(link);
    host.judges(connection);
    connection.state(State.HANDSHAKING);
    handshake();
  }

  private void handshake() throws IOException {
    TlsLink link = connection.requireLink();
    while (true) {
      switch (link.advance()) {
        case READ -> {
          host.awaitReadable(connection);
          return;
        }
        case WRITE -> {
          host.awaitWritable(connection);
          return;
        }
        case TASK -> {
          // Signatures take milliseconds: nobody who writes early or closes shall wait for them.
          connection.lock.unlock();
          try {
            link.runTasks();
          } finally {
            Waiters.take(connection.lock);
          }
          if (connection.state() != State.HANDSHAKING) {
            return;
          }
        }
        case NOTHING -> {
          establish(link);
          return;
        }
      }
    }
  }

  private void establish(TlsLink link) throws IOException {
    connection.prove(host.tls().peer(link.engine()));
    // A large write becomes several records; with Nagle's algorithm the last would wait for an ACK.
    connection.io.noDelay();
    String refusal = host.refuses(connection);
    if (refusal != null) {
      connection.fail(refusal, null);
      return;
    }
    connection.closing().noHandshakeDeadline(); // a slow reader is no slow handshake
    boolean out = sendEarly(link) && connection.closing().sendShutdown(link);
    host.established(connection);
    connection.settle(State.ESTABLISHED, link.undelivered());
    connection.reevaluate(); // the policy may have changed since it was asked
    if (!out) {
      host.awaitWritable(connection);
    }
  }

  /**
   * Sends what was written early; false: the kernel does not take all of it now. That the peer is
   * gone is no news for readers: what it has sent before can still be read, as on a plain socket,
   * whose kernel took the writes; the next write fails.
   *
   * @param link null: as it is
   */
  private boolean sendEarly(@Nullable TlsLink link) throws SSLException {
    try {
      return link == null ? early.send(connection.io) : early.send(link);
    } catch (SSLException e) {
      throw e;
    } catch (IOException peerGone) {
      early.clear();
      return true;
    }
  }

  /** Plaintext from now on. */
  void passThrough() throws IOException {
    connection.closing().noHandshakeDeadline();
    boolean out = sendEarly(null);
    if (out) {
      connection.closing().sendShutdown();
    }
    host.passedThrough(connection);
    connection.settle(State.PASSTHROUGH, !first.isEmpty());
    connection.reevaluate(); // the policy may have changed since it was asked
    if (!out) {
      host.awaitWritable(connection);
    }
  }

  /**
   * Sends what was written early and has not found room yet. The connection does not wait for it: a
   * peer that does the same would wait for our reader, and neither would ever read.
   *
   * @return whether nothing of it is left
   */
  boolean flush() throws IOException {
    if (!early.isEmpty()) {
      boolean plaintext = connection.state() == State.PASSTHROUGH;
      boolean out = sendEarly(plaintext ? null : connection.requireLink());
      if (!out) {
        host.awaitWritable(connection);
        return false;
      }
      if (plaintext) {
        connection.closing().sendShutdown();
      }
      connection.flushed();
    }
    return true;
  }
}
