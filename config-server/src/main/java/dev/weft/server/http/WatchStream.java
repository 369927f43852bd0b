package dev.weft.server.http;

import dev.weft.server.distribution.Line;
import dev.weft.server.distribution.Subscriber;
import dev.weft.server.registry.Registry;
import dev.weft.server.time.ServerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one watch. What to send is asked for when the connection takes bytes, so that
 * nothing waits here for a slow agent. All fields but {@code woken} are confined to the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is heard
final class WatchStream implements Subscriber {
  private final Channel channel;
  private final Watch watch;
  private final Supplier<Instant> until;
  private final Timing timing;
  private final ServerClock clock;
  private final HttpMetrics metrics;
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile long wokenAt;
  private @Nullable Future<?> pings;
  private Duration stuck = Duration.ZERO;
  private @Nullable Instant certified;
  private long end;
  private boolean begun;
  private boolean over;

  WatchStream(
      Channel channel,
      Watch watch,
      Supplier<Instant> until,
      Timing timing,
      ServerClock clock,
      HttpMetrics metrics) {
    this.channel = channel;
    this.watch = watch;
    this.until = until;
    this.timing = timing;
    this.clock = clock;
    this.metrics = metrics;
  }

  void begin() {
    long pause = timing.ping().toMillis();
    pings =
        channel.eventLoop().scheduleAtFixedRate(this::tick, pause, pause, TimeUnit.MILLISECONDS);
    begun = true;
    boolean unused = certificateIsOver(); // counts from now on
    metrics.streamBegan();
    // So that an agent which is up to date knows at once that it is connected.
    ping();
    watch.started(this);
  }

  @Override
  public void wake() {
    if (woken.compareAndSet(false, true)) {
      wokenAt = System.nanoTime();
      channel.eventLoop().execute(this::flush);
    }
  }

  @Override
  public void superseded() {
    channel.eventLoop().execute(() -> end(Registry.End.BROKEN));
  }

  /** Sends what waits, if the connection takes bytes. */
  void flush() {
    woken.set(false); // what changes from here on needs another look
    if (!over && channel.isWritable()) {
      Line line = watch.next(this);
      if (line != null) {
        ByteBuf bytes = channel.alloc().buffer((int) line.bytes());
        line.pieces().forEach(bytes::writeBytes);
        long since = wokenAt;
        send(bytes)
            .addListener(
                sent -> {
                  if (sent.isSuccess()) {
                    metrics.pushed((int) line.bytes(), System.nanoTime() - since);
                  }
                });
      }
    }
  }

  private void tick() {
    if (certificateIsOver()) {
      end(Registry.End.BROKEN); // the agent comes back with a newer certificate, or not at all
    } else if (channel.isWritable()) {
      stuck = Duration.ZERO;
      ping();
    } else {
      stuck = stuck.plus(timing.ping());
      if (stuck.compareTo(timing.stuck()) >= 0) {
        end(Registry.End.BROKEN);
      }
    }
  }

  /**
   * A certificate is as long good as it had to live when it was first seen here: a clock that jumps
   * shall end no stream, and with it the workload's place in the registry.
   */
  private boolean certificateIsOver() {
    Instant now = until.get();
    if (!now.equals(certified)) {
      long life = clock.nanosAt(now);
      end = certified == null ? life : end + Math.max(0, life - end);
      certified = now;
    }
    return now.equals(Instant.MIN) || clock.nanos() - end >= 0;
  }

  /** Says what time it is here: an agent whose clock has jumped learns by it which way is right. */
  private void ping() {
    String line = "{\"type\":\"ping\",\"now\":\"" + clock.instant() + "\"}\n";
    send(Unpooled.wrappedBuffer(line.getBytes(StandardCharsets.UTF_8)));
  }

  private ChannelFuture send(ByteBuf line) {
    return channel.writeAndFlush(new DefaultHttpContent(line));
  }

  /** Ends it; only the first call counts. */
  void end(Registry.End how) {
    if (over) {
      return;
    }
    over = true;
    if (begun) {
      metrics.streamEnded();
    }
    if (pings != null) {
      pings.cancel(false);
    }
    watch.ended(how, this);
    channel.close();
  }
}
