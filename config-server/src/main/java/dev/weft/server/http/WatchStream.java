package dev.weft.server.http;

import dev.weft.server.distribution.Subscriber;
import dev.weft.server.registry.Registry;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one watch. A snapshot waits until the connection takes bytes, and is replaced by a
 * newer one while it waits, so that a slow agent costs one snapshot of memory. All fields but
 * {@code latest} are confined to the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is heard
final class WatchStream implements Subscriber {
  private static final byte[] PING = "{\"type\":\"ping\"}\n".getBytes(StandardCharsets.UTF_8);

  private final Channel channel;
  private final Watch watch;
  private final Supplier<Instant> until;
  private final Timing timing;
  private final InstantSource clock;
  private final HttpMetrics metrics;
  private final AtomicReference<@Nullable Offer> latest = new AtomicReference<>();
  private @Nullable Future<?> pings;
  private Duration stuck = Duration.ZERO;
  private boolean begun;
  private boolean over;

  WatchStream(
      Channel channel,
      Watch watch,
      Supplier<Instant> until,
      Timing timing,
      InstantSource clock,
      HttpMetrics metrics) {
    this.channel = channel;
    this.watch = watch;
    this.until = until;
    this.timing = timing;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** A line that waits, since when. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Offer(byte[] line, long nanos) {}

  void begin() {
    long pause = timing.ping().toMillis();
    pings =
        channel.eventLoop().scheduleAtFixedRate(this::tick, pause, pause, TimeUnit.MILLISECONDS);
    begun = true;
    metrics.streamBegan();
    send(PING); // so that an agent which is up to date knows at once that it is connected
    watch.started(this);
  }

  @Override
  public void offer(byte[] line) {
    latest.set(new Offer(line, System.nanoTime()));
    channel.eventLoop().execute(this::flush);
  }

  @Override
  public void superseded() {
    channel.eventLoop().execute(() -> end(Registry.End.BROKEN));
  }

  /** Sends what waits, if the connection takes bytes. */
  void flush() {
    if (!over && channel.isWritable()) {
      Offer offer = latest.getAndSet(null);
      if (offer != null) {
        send(offer.line())
            .addListener(
                sent -> {
                  if (sent.isSuccess()) {
                    metrics.pushed(offer.line().length, System.nanoTime() - offer.nanos());
                  }
                });
      }
    }
  }

  private void tick() {
    if (!clock.instant().isBefore(until.get())) {
      end(Registry.End.BROKEN); // the agent comes back with a newer certificate, or not at all
    } else if (channel.isWritable()) {
      stuck = Duration.ZERO;
      send(PING);
    } else {
      stuck = stuck.plus(timing.ping());
      if (stuck.compareTo(timing.stuck()) >= 0) {
        end(Registry.End.BROKEN);
      }
    }
  }

  private ChannelFuture send(byte[] line) {
    return channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(line)));
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
    latest.set(null);
    watch.ended(how, this);
    channel.close();
  }
}
