package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.wire.MeshConnection.State;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection model: a {@link MeshConnection} on a simulated descriptor, or the bare
 * descriptor of a program outside the mesh, and an application that uses it as the JDK's socket
 * classes do.
 */
final class Party {
  private static final InetSocketAddress SOMEWHERE = new InetSocketAddress(7);

  private final String name;
  private final Random dice;
  final SimulatedHost host;
  final SimulatedKernel.End io;
  final @Nullable MeshConnection connection;
  private final Endpoint endpoint;
  final Conversation talk;
  private @Nullable Thread writer;
  private int inside; // threads that are in a read or write
  private boolean preClosed;
  private boolean closed;
  private boolean shut;
  private boolean mute; // a write has failed
  private int refills; // writes behind early bytes that outlived the handshake
  String end = ""; // how the reader's stream ended

  private Party(
      String name,
      Random dice,
      SimulatedHost host,
      SimulatedKernel.End io,
      @Nullable State state,
      Conversation talk) {
    this.name = name;
    this.dice = dice;
    this.host = host;
    this.io = io;
    this.connection =
        state == null
            ? null
            : new MeshConnection(
                host,
                new FileDescriptor(),
                io,
                state,
                SOMEWHERE,
                SOMEWHERE,
                state == State.CONNECTING ? Links.STOCK : null);
    this.endpoint = connection == null ? new Endpoint.Plain(io) : new Endpoint.Mesh(connection);
    this.talk = talk;
  }

  static Party client(Random dice, SimulatedHost host, SimulatedKernel kernel, int says) {
    return client(dice, host, kernel, new Conversation(dice, says, true));
  }

  static Party client(Random dice, SimulatedHost host, SimulatedKernel kernel, Conversation talk) {
    return new Party("client", dice, host, kernel.client(), State.CONNECTING, talk);
  }

  /** A client that knows no mesh. */
  static Party plain(Random dice, SimulatedHost none, SimulatedKernel kernel, Conversation talk) {
    return new Party("plain client", dice, none, kernel.client(), null, talk);
  }

  static Party server(Random dice, SimulatedHost host, SimulatedKernel kernel, int says) {
    return server(dice, host, kernel, new Conversation(dice, says, true));
  }

  static Party server(Random dice, SimulatedHost host, SimulatedKernel kernel, Conversation talk) {
    return new Party("server", dice, host, kernel.server(), State.PEEKING, talk);
  }

  /** Hands a connection of the mesh to the driver. */
  void start() {
    if (connection != null) {
      connection.start();
    }
  }

  /** Whether this thread is where no other could go on, be it only the writer. */
  boolean locked() {
    return connection != null
        && (connection.lock.isHeldByCurrentThread()
            || connection.writing.isHeldByCurrentThread() && Thread.currentThread() != writer);
  }

  /** Lets the driver do a step; false: there was none to do. */
  boolean drive() throws IOException {
    return connection != null && host.drive(connection, io);
  }

  /** Writes the next bytes; false: nothing was written. */
  boolean write() {
    if (closing() || shut || mute || talk.saidAll()) {
      return false;
    }
    inside++;
    writer = Thread.currentThread();
    boolean established = connection != null && connection.state() == State.ESTABLISHED;
    boolean behindEarlyBytes = established && !connection.opening().early().isEmpty();
    try {
      boolean wrote = talk.wrote(endpoint.write(talk.next()));
      refills += wrote && behindEarlyBytes ? 1 : 0;
      return wrote;
    } catch (IOException e) {
      mute = true;
      return false;
    } finally {
      left();
    }
  }

  /**
   * How often more was taken while the handshake was over and what was written during it was not
   * out yet.
   */
  int refills() {
    return refills;
  }

  /** Reads something; false: there was nothing. */
  boolean read() {
    if (closing() || ended()) {
      return false;
    }
    inside++;
    try {
      if (dice.nextInt(16) == 0) {
        assertThat(endpoint.available()).isNotNegative();
      }
      var target = talk.target();
      int n = endpoint.read(target);
      talk.read(target, n);
      if (n == Transport.EOF && !closing()) {
        end = "end";
        assertThat(endpoint.read(talk.target())).as("a read behind the end").isEqualTo(n);
      }
      return n > 0;
    } catch (IOException e) {
      if (!closing()) {
        end = String.valueOf(e.getMessage());
      }
      return false;
    } finally {
      left();
    }
  }

  /** Whether the reader has met the end, or an error. */
  boolean ended() {
    return !end.isEmpty();
  }

  /** Ends the output. */
  void shutdownOutput() {
    if (!closing() && !shut) {
      shut = true;
      try {
        endpoint.shutdownOutput();
      } catch (IOException e) {
        mute = true;
      }
    }
  }

  boolean doneTalking() {
    return talk.saidAll() || mute || closing();
  }

  /** Closes as the JDK does: while threads are inside it only prepares, the last one closes. */
  void close() {
    if (closing()) {
      return;
    }
    if (inside > 0) {
      preClosed = true;
      if (!endpoint.preClose()) {
        io.preClosedByJdk();
      }
    } else {
      reallyClose();
    }
  }

  private void left() {
    inside--;
    if (preClosed && !closed && inside == 0) {
      reallyClose();
    }
  }

  private void reallyClose() {
    closed = true;
    if (!endpoint.close()) {
      io.closedByJdk();
    }
  }

  boolean closing() {
    return preClosed || closed;
  }

  /** The driver's clock has come to the limit of the handshake or the lingering close, if any. */
  void timeIsUp() {
    if (connection != null && (connection.handshaking() || connection.closing().lingering())) {
      connection.expire();
    }
  }

  /** Whether the application has closed and the descriptor is free. */
  boolean gone() {
    return closed && io.closed();
  }

  /** After the end: nothing of it may be left. */
  void assertNothingLeft() {
    assertThat(closed).as("%s has closed", this).isTrue();
    assertThat(io.closed()).as("descriptor of %s is closed", this).isTrue();
    assertThat(host.idle()).as("driver has forgotten %s", this).isTrue();
    assertThat(host.pool().lent()).as("buffers of %s", this).isZero();
    assertThat(connection != null && connection.unsent()).as("%s holds bytes", this).isFalse();
  }

  @Override
  public String toString() {
    return name
        + "["
        + (connection == null ? "" : connection.state())
        + " "
        + talk
        + " end="
        + end
        + (closed ? " closed" : "")
        + (host.failures.isEmpty() ? "" : " " + host.failures)
        + "]";
  }
}
