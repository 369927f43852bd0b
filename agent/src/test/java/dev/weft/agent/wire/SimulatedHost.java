package dev.weft.agent.wire;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.MeshTls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The layer below one connection of a model: the driver, whose every step somebody calls, and a
 * policy of a few switches.
 */
final class SimulatedHost implements ConnectionHost {
  private static final int READABLE = 1;
  private static final int WRITABLE = 2;

  private final RandomGenerator dice;
  private final MeshTls tls;
  private final BufferPool pool = BufferPool.direct();
  private final PendingReads pending = new PendingReads(key -> false);
  private int awaited;
  private int working;
  boolean strict = true;
  boolean speaksFirst;
  long helloWithin; // nanoseconds
  boolean helloExpected;
  @Nullable String refusal; // of a proven peer
  int established;
  int passedThrough;
  final List<String> failures = new ArrayList<>();

  SimulatedHost(RandomGenerator dice, MeshTls tls) {
    this.dice = dice;
    this.tls = tls;
  }

  /**
   * Calls the connection if its socket has become what it waits for; false: it has not. Rarely it
   * calls without reason, as after an event of an earlier socket with the same number.
   */
  boolean drive(MeshConnection connection, SocketIo io) throws IOException {
    boolean ready =
        (awaited & READABLE) != 0 && io.readable() || (awaited & WRITABLE) != 0 && io.writable();
    if (ready) {
      awaited = 0; // one shot
    } else if (dice.nextInt(200) != 0) {
      return false;
    }
    working++;
    try {
      connection.ready();
    } finally {
      working--;
    }
    return true;
  }

  /** Whether the driver has anything left to do. */
  boolean idle() {
    return awaited == 0 && working == 0;
  }

  @Override
  public MeshTls tls() {
    return tls;
  }

  @Override
  public BufferPool pool() {
    return pool;
  }

  @Override
  public PendingReads pending() {
    return pending;
  }

  @Override
  public void awaitReadable(MeshConnection connection) {
    awaited = READABLE;
  }

  @Override
  public void awaitWritable(MeshConnection connection) {
    awaited = WRITABLE;
  }

  @Override
  public void awaitEither(MeshConnection connection) {
    awaited = READABLE | WRITABLE;
  }

  @Override
  public void forget(MeshConnection connection) {
    awaited = 0;
  }

  @Override
  public boolean plaintextAllowed(int port) {
    return !strict;
  }

  @Override
  public @Nullable String refusesPlaintext(MeshConnection connection) {
    return strict ? "plaintext refused by rule strict" : null;
  }

  @Override
  public @Nullable String refuses(MeshConnection connection) {
    return connection.client() ? null : refusal;
  }

  @Override
  public boolean mayServerSpeakFirst(MeshConnection connection) {
    return speaksFirst;
  }

  @Override
  public long clientHelloWithin(MeshConnection connection) {
    return helloWithin;
  }

  @Override
  public boolean expectsHello(MeshConnection connection) {
    return helloExpected;
  }

  @Override
  public void established(MeshConnection connection) {
    established++;
  }

  @Override
  public void passedThrough(MeshConnection connection) {
    passedThrough++;
  }

  @Override
  public void failed(MeshConnection connection, String reason, @Nullable Throwable cause) {
    failures.add(reason);
  }

  @Override
  public void closed(MeshConnection connection) {
    // heard of by the model itself
  }
}
