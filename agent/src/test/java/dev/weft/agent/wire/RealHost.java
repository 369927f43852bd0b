package dev.weft.agent.wire;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The layer below connections on real sockets of this JVM, which is not woven. */
final class RealHost implements ConnectionHost {
  private final MeshTls tls;
  private final Driver driver;
  private final BufferPool pool = BufferPool.direct();
  private final PendingReads pending = new PendingReads(key -> false);
  final AtomicInteger established = new AtomicInteger();
  final List<String> failures = new CopyOnWriteArrayList<>();

  RealHost(MeshTls tls, Driver driver) {
    this.tls = tls;
    this.driver = driver;
  }

  static Driver driver() throws IOException {
    Log nowhere = new Log(LogLevel.ERROR, new PrintStream(new ByteArrayOutputStream()));
    return new Driver(new ThreadGroup("weft"), nowhere);
  }

  /** The server's end, of a connection that has been accepted. */
  MeshConnection accept(SocketChannel channel) throws IOException {
    MeshConnection connection =
        MeshConnection.accepted(
            this,
            NativeIo.descriptor((Object) channel),
            (InetSocketAddress) channel.getRemoteAddress(),
            (InetSocketAddress) channel.getLocalAddress());
    connection.start();
    return connection;
  }

  /** The client's end, of a connection that has been made. */
  MeshConnection connect(SocketChannel channel) throws IOException {
    MeshConnection connection =
        MeshConnection.connecting(
            this,
            NativeIo.descriptor((Object) channel),
            Flow.outbound((InetSocketAddress) channel.getRemoteAddress()),
            Links.STOCK);
    connection.start();
    return connection;
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
    driver.await(connection, NativeIo.POLLIN);
  }

  @Override
  public void awaitWritable(MeshConnection connection) {
    driver.await(connection, NativeIo.POLLOUT);
  }

  @Override
  public void awaitEither(MeshConnection connection) {
    driver.await(connection, NativeIo.POLLIN | NativeIo.POLLOUT);
  }

  @Override
  public void forget(MeshConnection connection) {
    driver.forget(connection);
  }

  @Override
  public boolean plaintextAllowed(int port) {
    return false;
  }

  @Override
  public String refusesPlaintext(MeshConnection connection) {
    return "plaintext refused by rule strict: expected mutual TLS of the mesh";
  }

  @Override
  public @Nullable String refuses(MeshConnection connection) {
    return null;
  }

  @Override
  public boolean mayServerSpeakFirst(MeshConnection connection) {
    return false;
  }

  @Override
  public void established(MeshConnection connection) {
    established.incrementAndGet();
  }

  @Override
  public void passedThrough(MeshConnection connection) {
    throw new AssertionError("plaintext");
  }

  @Override
  public void failed(MeshConnection connection, String reason, @Nullable Throwable cause) {
    failures.add(reason);
  }

  @Override
  public void closed(MeshConnection connection) {
    // heard of by the test itself
  }
}
