package dev.weft.agent.wire;

import dev.weft.agent.balance.EndpointLoad;
import dev.weft.bootstrap.Wire;
import dev.weft.policy.ConnectionPool;
import dev.weft.policy.Endpoint;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.ProtocolFamily;
import java.nio.channels.AsynchronousChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connect call of the application, until one of the endpoints to which it may lead has answered.
 *
 * <p>How it works, and why not the simple way: the socket belongs to the application, which has set
 * its options and registered it with selectors, so another socket cannot take its place. But Linux
 * lets one socket connect again after an attempt has failed, or was given up with {@code
 * connect(AF_UNSPEC)}, options and registrations kept. So each failed attempt is followed by the
 * next on the same descriptor, and the JDK is told "not connected yet" as long as there is one:
 * where it asks the kernel whether the connect is over ({@code pollConnectNow}, {@code
 * checkConnect}), and where a selector or a port has found the failure of an attempt ({@code
 * translateReadyOps}, {@code onEvent}). Attempts that nobody answers are given up by the {@link
 * Driver}. A connect that would wait in the kernel is made not to: the JDK then polls, as it does
 * for connects with a time limit.
 *
 * <p>When an endpoint has answered, the connection's own session takes this one's place.
 * Thread-safe.
 */
final class Dialing extends KernelSession implements Timed {
  /** The policy's default for endpoints of the mesh. */
  static final Duration ATTEMPT = Duration.ofSeconds(1);

  /** Linux repeats a SYN after one second: one that was lost shall not fail an attempt. */
  private static final Duration GRACE = Duration.ofMillis(200);

  /** After so many attempts that took all their time, no other begins. */
  private static final int PATIENCE = 3;

  /** How long an endpoint is left alone after an attempt on it failed. */
  static final Duration AVOID_FAILED = Duration.ofSeconds(5);

  /** An attempt that the application itself has given up after this time counts as failed. */
  private static final Duration UNANSWERED = Duration.ofMillis(250);

  private final WireLayer layer;
  private final Destination destination;
  private final @Nullable ProtocolFamily family;
  private final Object channel;
  private final Duration attempt;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Endpoint> tried = new HashSet<>();
  private final long began = System.nanoTime();
  private boolean waits; // the JDK has left the descriptor in blocking mode
  private boolean over; // connected, failed for good, or closed
  private boolean dialled; // an attempt has been made on the descriptor
  private Target target;
  private @Nullable EndpointLoad load;
  private long attemptBegan;
  private volatile long deadline = Long.MAX_VALUE;
  private @Nullable IOException failure;

  /**
   * A connect call.
   *
   * @param mesh limit of one attempt, where the service has none of its own
   */
  Dialing(
      WireLayer layer,
      Destination destination,
      Optional<Duration> mesh,
      @Nullable ProtocolFamily family,
      FileDescriptor fd,
      Object channel) {
    super(fd);
    this.layer = layer;
    this.destination = destination;
    this.family = family;
    this.channel = channel;
    ConnectionPool pool = destination.pool();
    Optional<Duration> own = pool == null ? Optional.empty() : pool.connectTimeout();
    // No lambda: its class would be made here, inside a socket call.
    this.attempt = own.orElse(mesh.orElse(ATTEMPT));
    this.target = destination.target();
  }

  /**
   * Begins.
   *
   * @return as {@code Net.connect}
   * @throws IOException when no endpoint can be connected to
   */
  int begin() throws IOException {
    lock.lock();
    try {
      waits = NativeConnect.waits(channel);
      if (waits) {
        NativeConnect.configureBlocking(descriptor, false);
      }
      Wire.attach(this);
      int status = dialNext();
      if (status > 0) {
        arrive();
      }
      return status;
    } finally {
      lock.unlock();
    }
  }

  // ---- attempts, under the lock ----

  /** Dials one endpoint after the other until one is not refused at once. */
  private int dialNext() throws IOException {
    while (true) {
      choose();
      try {
        if (dialled) {
          startAnew();
        }
        dialled = true;
        attemptBegan = System.nanoTime();
        int status =
            Wire.dial(
                family, descriptor, target.address().getAddress(), target.address().getPort());
        if (status <= 0 && (target.mesh() || tried.size() < destination.endpoints().size())) {
          deadline = attemptBegan + attempt.plus(GRACE).toNanos();
          layer.watch(this);
        }
        return status;
      } catch (IOException e) {
        failed(e);
      }
    }
  }

  /** The next endpoint; throws the last failure when there is none. */
  private void choose() throws IOException {
    if (failure != null && !anotherLeft()) {
      end();
      layer.notConnected(destination, target, failure);
      throw failure;
    }
    if (!destination.endpoints().isEmpty()) {
      Endpoint endpoint = layer.balancer().choose(destination.endpoints(), tried);
      tried.add(endpoint);
      target = destination.target(endpoint);
      load = layer.balancer().load(endpoint);
      load.started();
    }
  }

  private boolean anotherLeft() {
    return !(failure instanceof BindException) // our own end, not the endpoint's
        && tried.size() < destination.endpoints().size()
        && System.nanoTime() - began < attempt.toNanos() * PATIENCE;
  }

  private void startAnew() throws IOException {
    NativeConnect.disconnect(descriptor);
    try {
      Wire.dialled(descriptor);
    } catch (IOException ofTheLastAttempt) {
      // taken out of the socket, or the next attempt would find it there
    }
  }

  private void failed(IOException e) {
    failure = e;
    layer.unwatch(this);
    deadline = Long.MAX_VALUE;
    EndpointLoad current = load;
    if (current != null) {
      if (!(e instanceof BindException)) {
        current.avoid(AVOID_FAILED, System.nanoTime());
        layer.unreached(target);
      }
      current.finished();
      load = null;
    }
  }

  /** The connection stands: its own session takes over. */
  private void arrive() throws IOException {
    EndpointLoad current = load;
    if (current != null) {
      long now = System.nanoTime();
      current.observe(Duration.ofNanos(now - attemptBegan), now);
      layer.reached(target);
    }
    load = null; // the connection's from now on
    failure = null;
    end();
    try {
      if (waits) {
        NativeConnect.configureBlocking(descriptor, true);
      }
    } catch (IOException e) {
      if (current != null) {
        current.finished();
      }
      throw e;
    }
    layer.connected(descriptor, channel, destination, target, current);
  }

  private void end() {
    over = true;
    deadline = Long.MAX_VALUE;
    layer.unwatch(this);
    EndpointLoad current = load;
    if (current != null) {
      current.finished();
      load = null;
    }
  }

  /**
   * Looks how the current attempt stands, and goes on to the next one if it has failed.
   *
   * @return whether it has succeeded
   * @throws IOException when it was the last
   */
  private boolean proceed() throws IOException {
    try {
      return Wire.dialled(descriptor);
    } catch (IOException e) {
      failed(e);
    }
    return dialNext() > 0;
  }

  // ---- what the JDK asks ----

  @Override
  public boolean connected() throws IOException {
    lock.lock();
    try {
      if (over) {
        if (failure != null) {
          throw failure;
        }
        return Wire.dialled(descriptor);
      }
      boolean connected = proceed();
      if (connected) {
        arrive();
      }
      return connected;
    } finally {
      lock.unlock();
    }
  }

  /** A failed attempt is no event as long as there is another; success and the end are. */
  @Override
  public int found(int events) {
    if ((events & ~NativeIo.POLLIN) == 0) {
      return events;
    }
    lock.lock();
    try {
      if (over || proceed()) {
        return events;
      }
    } catch (IOException e) {
      return events; // finishConnect will throw it
    } finally {
      lock.unlock();
    }
    if (channel instanceof AsynchronousChannel) {
      AsynchronousChannels.lookAgain(channel); // its port waits for one event only
    }
    return 0;
  }

  // ---- the driver's side ----

  @Override
  public boolean overdue(long now) {
    return now - deadline >= 0 && deadline != Long.MAX_VALUE;
  }

  @Override
  public void expire() {
    lock.lock();
    try {
      if (over || !overdue(System.nanoTime())) {
        return;
      }
      try {
        if (Wire.dialled(descriptor)) {
          deadline = Long.MAX_VALUE; // just in time; the application has not looked yet
          return;
        }
        failed(new ConnectException("Connection timed out"));
      } catch (IOException e) {
        failed(e);
      }
      dialNext();
    } catch (IOException last) {
      giveUp();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the attempt in the kernel, which wakes whoever waits for it, to find the failure here. */
  private void giveUp() {
    try {
      NativeConnect.disconnect(descriptor);
    } catch (IOException alreadyGone) {
      // then nobody waits
    }
  }

  @Override
  public void abort(Throwable fault) {
    lock.lock();
    try {
      if (!over) {
        failed(new ConnectException("the mesh itself failed: " + fault));
        end();
        giveUp();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void abandon(Throwable fault) {
    lock.lock();
    try {
      end();
    } finally {
      lock.unlock();
    }
  }

  // ---- no connection, no bytes ----

  @Override
  public int read(long address, int length) {
    return Transport.UNAVAILABLE;
  }

  @Override
  public long readv(long vectors, int count) {
    return Transport.UNAVAILABLE;
  }

  @Override
  public int write(long address, int length) {
    return Transport.UNAVAILABLE;
  }

  @Override
  public long writev(long vectors, int count) {
    return Transport.UNAVAILABLE;
  }

  @Override
  public int available() {
    return 0;
  }

  @Override
  public void shutdown(int how) throws IOException {
    NativeIo.shutdown(descriptor, how);
  }

  @Override
  public boolean preClose() {
    return false;
  }

  @Override
  public boolean close() {
    lock.lock();
    try {
      // An application that gives up earlier than we do shall meet another endpoint next time.
      EndpointLoad current = load;
      long now = System.nanoTime();
      if (current != null && now - attemptBegan > UNANSWERED.toNanos()) {
        current.avoid(AVOID_FAILED, now);
      }
      end();
    } finally {
      lock.unlock();
    }
    Wire.detach(this);
    return false;
  }
}
