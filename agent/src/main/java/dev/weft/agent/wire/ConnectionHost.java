package dev.weft.agent.wire;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.MeshTls;
import org.jspecify.annotations.Nullable;

/**
 * What a connection asks of the layer that made it, and tells it. Implemented by {@link WireLayer},
 * and by tests that play the policy and the driver themselves. Thread-safe.
 */
interface ConnectionHost {
  MeshTls tls();

  BufferPool pool();

  PendingReads pending();

  // ---- the driver ----

  /** Calls {@link MeshConnection#ready} once, when a read would not wait or a deadline is over. */
  void awaitReadable(MeshConnection connection);

  /** Calls {@link MeshConnection#ready} once, when a write would not wait or a deadline is over. */
  void awaitWritable(MeshConnection connection);

  /** Calls {@link MeshConnection#ready} once, when a read or a write would not wait. */
  void awaitEither(MeshConnection connection);

  /** The connection needs no driver any more; its descriptor number may be used again. */
  void forget(MeshConnection connection);

  /** Runs a step on the driver's pool, for a thread that must not wait for a lock. */
  default void later(Runnable step) {
    step.run();
  }

  /** Calls {@link MeshConnection#expire} soon after it is overdue. */
  default void watch(MeshConnection connection) {}

  /** Ends {@link #watch}. */
  default void unwatch(MeshConnection connection) {}

  // ---- policy ----

  /** Whether a server port takes plaintext at all. */
  boolean plaintextAllowed(int port);

  /** Why a plaintext connection is refused; null: it is not. */
  @Nullable String refusesPlaintext(MeshConnection connection);

  /** A server has got the first byte: why the handshake may not begin; null: it may. */
  default @Nullable String refusesHandshake(MeshConnection connection) {
    return null;
  }

  /** A handshake that {@link #refusesHandshake} has let begin is over. */
  default void handshakeOver() {}

  /** A handshake will be judged by what is in force now, or later. */
  default void judges(MeshConnection connection) {}

  /** Why access policy refuses the peer; null: it does not. */
  @Nullable String refuses(MeshConnection connection);

  /** Why an established connection may not go on; null: it may. Asked now and then. */
  default @Nullable String refusesLive(MeshConnection connection) {
    return refuses(connection);
  }

  /** Whether a server may write before the client has shown who it is. */
  boolean mayServerSpeakFirst(MeshConnection connection);

  /**
   * How long such a server is kept from writing, in nanoseconds, because a client of the mesh would
   * say hello within that time; 0: not at all.
   */
  default long clientHelloWithin(MeshConnection connection) {
    return 0;
  }

  /** Whether the client is probably one of the mesh, that is, will say hello. */
  default boolean expectsHello(MeshConnection connection) {
    return false;
  }

  // ---- news ----

  /** The peer is proven and allowed. Called once, before the application gets its first byte. */
  void established(MeshConnection connection);

  /** The connection is plaintext, and allowed to be. */
  void passedThrough(MeshConnection connection);

  /** The connection ended for this reason. */
  void failed(MeshConnection connection, String reason, @Nullable Throwable cause);

  /** The application closed it. */
  void closed(MeshConnection connection);
}
