package dev.weft.server.http;

import io.netty.channel.Channel;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Does the costly steps of handshakes, and leaves new connections with the kernel while too many of
 * them wait: a handshake that is begun and not finished in time was work for nothing, and its agent
 * begins another. Counts work, not connections, so that those that say nothing hold nobody up.
 * Thread-safe.
 */
final class HandshakeGate implements Executor {
  /** About half a second of work for one processor. */
  private static final int MOST_WAITING = 256;

  private final Executor workers;
  private final int most;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable Channel server;

  HandshakeGate(Executor workers) {
    this(workers, MOST_WAITING);
  }

  HandshakeGate(Executor workers, int most) {
    this.workers = workers;
    this.most = most;
  }

  /** The channel that accepts connections. */
  void of(Channel accepting) {
    server = accepting;
  }

  @Override
  public void execute(Runnable step) {
    if (waiting.incrementAndGet() >= most) {
      accept(false);
    }
    try {
      workers.execute(
          () -> {
            try {
              step.run();
            } finally {
              done();
            }
          });
    } catch (RejectedExecutionException e) {
      done();
      throw e;
    }
  }

  /** A pause that is told late cannot outlast its own step, which comes by here again. */
  private void done() {
    if (waiting.decrementAndGet() <= most / 2) {
      accept(true);
    }
  }

  private void accept(boolean connections) {
    Channel accepting = server;
    if (accepting != null && accepting.config().isAutoRead() != connections) {
      accepting.config().setAutoRead(connections);
    }
  }
}
