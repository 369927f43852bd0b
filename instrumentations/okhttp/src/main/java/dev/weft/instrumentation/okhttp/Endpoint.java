package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Attempt;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.SocketFactory;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where one attempt is dialled, carried inside the library's own {@code Address}.
 *
 * <p>Why a {@code Dns}: woven classes get no new fields, and an address holds its resolver,
 * compares it with those of pooled connections, and is reached from routes and connections. Two
 * endpoints are equal when they dial the same, so connections are shared between attempts. It stays
 * in the pool with its connection, so it refers to nothing of the call but the URLs. Thread-safe.
 */
final class Endpoint implements Dns {
  /**
   * The endpoint of the address that the library is making on this thread. Why a thread-local: the
   * library makes the address inside a method of its call, which has no way to hand anything
   * through; it is set for the time of that method only.
   */
  private static final ThreadLocal<@Nullable Endpoint> CURRENT = new ThreadLocal<>();

  private final InetSocketAddress address;
  private final InetSocketAddress unnamed;
  private final HttpUrl application;
  private final @Nullable HttpUrl foreign;
  private final @Nullable DialledSocket raced;
  private volatile boolean dialled;

  /**
   * The endpoint of an attempt.
   *
   * @param attempt says where
   * @param application the URL of the request
   * @param foreign the URL of the connection's address which the call holds from an earlier hop
   * @param raced whether another attempt may win while this one is dialled
   */
  Endpoint(Attempt attempt, HttpUrl application, @Nullable HttpUrl foreign, boolean raced) {
    this.address = attempt.address();
    this.unnamed = attempt.unnamed();
    this.application = application;
    this.foreign = foreign;
    this.raced = raced ? new DialledSocket() : null;
  }

  /** Null when no attempt is being prepared on this thread. */
  static @Nullable Endpoint current() {
    return CURRENT.get();
  }

  /** Makes it the {@link #current} one; null: none. */
  static void current(@Nullable Endpoint endpoint) {
    CURRENT.set(endpoint); // not removed: the next request of this thread would add it anew
  }

  /** An address literal. */
  String host() {
    return unnamed.getHostString();
  }

  int port() {
    return address.getPort();
  }

  /** What to connect to. */
  InetSocketAddress dial() {
    dialled = true;
    return address;
  }

  /** What sockets are made by, in place of the application's factory. */
  SocketFactory sockets(SocketFactory applications) {
    return raced == null ? applications : raced.by(applications);
  }

  /** Makes a dial that is under way fail, or is to come. */
  void breakOff() {
    if (raced != null) {
      raced.close();
    }
  }

  /** Whether a connection was opened for this attempt. */
  boolean dialled() {
    return dialled;
  }

  /**
   * Whether a request for the URL may go over a connection to this endpoint. Never true for the URL
   * of a connection that another hop has left: there the library asks whether to go on with it.
   */
  @SuppressWarnings("ReferenceEquality") // an equal URL may well be the request's
  boolean serves(HttpUrl url) {
    return url != foreign
        && url.port() == application.port()
        && url.host().equals(application.host());
  }

  @Override
  public List<InetAddress> lookup(String hostname) {
    return List.of(address.getAddress());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Endpoint endpoint && endpoint.address.equals(address);
  }

  @Override
  public int hashCode() {
    return address.hashCode();
  }

  @Override
  public String toString() {
    return "Endpoint " + address;
  }
}
