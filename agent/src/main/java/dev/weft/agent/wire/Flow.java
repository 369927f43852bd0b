package dev.weft.agent.wire;

import dev.weft.agent.balance.EndpointLoad;
import dev.weft.agent.telemetry.ConnectionMetrics;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One connection as telemetry and balancing see it: between whom, since when, how much.
 *
 * <p>The counters are plain fields: the JDK lets one thread at a time read a socket, and one write
 * it. Others who look can bear a value that is a moment old.
 */
final class Flow {
  private static final InetSocketAddress UNKNOWN = new InetSocketAddress(0);

  private final boolean outbound;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final @Nullable InetSocketAddress asked;
  private final @Nullable Service service;
  private final @Nullable Endpoint endpoint;
  private final @Nullable EndpointLoad load;
  private final long beganMillis = System.currentTimeMillis();
  private final long beganNanos = System.nanoTime();
  private long received;
  private long sent;
  private boolean unanswered;

  // Guarded by this; nobody holds it for long.
  private ConnectionMetrics.@Nullable Series series;
  private boolean released;
  private long receivedReported;
  private long sentReported;
  private String flags = "-";
  private String reason = "";

  private Flow(
      boolean outbound,
      InetSocketAddress local,
      InetSocketAddress remote,
      @Nullable InetSocketAddress asked,
      @Nullable Service service,
      @Nullable Endpoint endpoint,
      @Nullable EndpointLoad load) {
    this.outbound = outbound;
    this.local = local;
    this.remote = remote;
    this.asked = asked;
    this.service = service;
    this.endpoint = endpoint;
    this.load = load;
  }

  /** Of an accepted connection. */
  static Flow inbound(InetSocketAddress local, InetSocketAddress remote) {
    return new Flow(false, local, remote, null, null, null, null);
  }

  /** Of a connection to an address of which policy knows nothing more. */
  static Flow outbound(InetSocketAddress remote) {
    return new Flow(true, UNKNOWN, remote, remote, null, null, null);
  }

  /**
   * Of a connection to one of a service's endpoints.
   *
   * @param asked what the application wants to connect to
   * @param load counts it already; {@link #release} counts it off
   */
  static Flow outbound(
      InetSocketAddress local,
      InetSocketAddress remote,
      InetSocketAddress asked,
      @Nullable Service service,
      @Nullable Endpoint endpoint,
      @Nullable EndpointLoad load) {
    return new Flow(true, local, remote, asked, service, endpoint, load);
  }

  boolean outbound() {
    return outbound;
  }

  /** Our end. */
  InetSocketAddress local() {
    return local;
  }

  /** The other end, as dialled or as accepted from. */
  InetSocketAddress remote() {
    return remote;
  }

  /** What the application wanted to connect to; null: inbound. */
  @Nullable InetSocketAddress asked() {
    return asked;
  }

  /** The service that was called; null: inbound, or none that policy knows. */
  @Nullable Service service() {
    return service;
  }

  /** The endpoint that was dialled; null: inbound, or none that policy knows. */
  @Nullable Endpoint endpoint() {
    return endpoint;
  }

  /** The balancer's account of that endpoint. */
  @Nullable EndpointLoad load() {
    return load;
  }

  /** The port by which policy and people know it: of the server. */
  int port() {
    return outbound ? remote.getPort() : local.getPort();
  }

  long beganMillis() {
    return beganMillis;
  }

  long ageNanos() {
    return System.nanoTime() - beganNanos;
  }

  /** Bytes of the application that have come in; what a read has returned, -1 and the like too. */
  void countReceived(long n) {
    if (n > 0) {
      received += n;
      unanswered = true;
    }
  }

  /** Bytes of the application that have gone out; what a write has returned. */
  void countSent(long n) {
    if (n > 0) {
      sent += n;
      unanswered = false;
    }
  }

  /** Whether the last bytes came in. */
  boolean unanswered() {
    return unanswered;
  }

  long received() {
    return received;
  }

  long sent() {
    return sent;
  }

  // ---- what is reported of it ----

  /** Counts it among others from now on. Called at most once. */
  synchronized void report(ConnectionMetrics.Series to) {
    series = to;
    to.opened();
  }

  synchronized boolean reported() {
    return series != null;
  }

  /** Hands over what has been counted since the last time. */
  synchronized void handOver() {
    ConnectionMetrics.Series to = series;
    if (to != null) {
      long in = received;
      long out = sent;
      long newIn = in - receivedReported;
      long newOut = out - sentReported;
      receivedReported = in;
      sentReported = out;
      to.carried(outbound ? newOut : newIn, outbound ? newIn : newOut);
    }
  }

  /** The mesh has ended it; the first reason counts. */
  synchronized void failed(String how, String why) {
    if (reason.isEmpty()) {
      flags = how;
      reason = why;
    }
  }

  /** Envoy's response flags. */
  synchronized String flags() {
    return flags;
  }

  /** Why the mesh has ended it; empty: it has not. */
  synchronized String reason() {
    return reason;
  }

  /** It carries nothing any more; true the first time. */
  synchronized boolean release() {
    if (released) {
      return false;
    }
    released = true;
    if (load != null) {
      load.finished();
    }
    return true;
  }

  /** It is closed. Called once. */
  synchronized void end() {
    handOver();
    if (series != null) {
      series.closed();
    }
  }
}
