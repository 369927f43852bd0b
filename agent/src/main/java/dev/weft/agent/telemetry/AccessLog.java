package dev.weft.agent.telemetry;

import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.log.Log;
import dev.weft.policy.AccessLogFormat;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * One line per connection, where policy wants it, in the agent's own log. Written by a thread of
 * its own, so that a slow terminal or disk holds no connection up: what the queue cannot take is
 * dropped and counted. Thread-safe.
 */
public final class AccessLog {
  private static final int QUEUE = 4096;

  private record Line(AccessLogFormat format, ConnectionRecord connection) {}

  private final BlockingQueue<Line> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicBoolean started = new AtomicBoolean();
  private final LongAdder dropped = new LongAdder();
  private final Supplier<Optional<AccessLogFormat>> format;
  private final AgentThreads threads;
  private final Log log;

  /** {@code format} is read per connection; empty: off. */
  AccessLog(Supplier<Optional<AccessLogFormat>> format, AgentThreads threads, Log log) {
    this.format = format;
    this.threads = threads;
    this.log = log;
  }

  /** Whether {@link #connection} would write: build records only then. */
  public boolean on() {
    return format.get().isPresent();
  }

  /** A connection has ended. Never waits. */
  public void connection(ConnectionRecord connection) {
    Optional<AccessLogFormat> wanted = format.get();
    if (wanted.isEmpty()) {
      return;
    }
    if (!queue.offer(new Line(wanted.get(), connection))) {
      dropped.increment();
      return;
    }
    if (!started.getAndSet(true)) {
      threads.lasting("access-log", this::write, log);
    }
  }

  private void write() {
    try {
      while (true) {
        Line line = queue.take();
        long lost = dropped.sumThenReset();
        if (lost > 0) {
          log.warn("access log could not keep up, lines lost=" + lost);
        }
        log.line(
            line.format() == AccessLogFormat.JSON
                ? line.connection().json()
                : line.connection().text());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
