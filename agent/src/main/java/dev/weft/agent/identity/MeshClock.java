package dev.weft.agent.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time by which certificates are judged: this machine's time of day, unless somebody sets it.
 *
 * <p>After a jump the time goes on as it did before, until the config server, which tells its own
 * with every ping, is nearer to the time of now: then the clock was corrected, or the machine
 * slept. If it is nearer to the time of before, that one stays for as long as the clock is wrong.
 * If no server tells anything for a minute, the machine is believed: nobody else is there to ask.
 *
 * <p>Thread-safe.
 */
public final class MeshClock implements InstantSource {
  /** Less is corrected all the time, and is followed. */
  static final Duration TOLERANCE = Duration.ofSeconds(10);

  /** For so long the time of before is kept without anybody's word. */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private final InstantSource wall;
  private final LongSupplier nanos;
  private final Consumer<String> news;

  /** Not a monitor: connections ask for the time, also those of virtual threads. */
  private final ReentrantLock lock = new ReentrantLock();

  private volatile Course course;

  /**
   * Where the time runs.
   *
   * @param at what the time of day was, undisturbed, at {@code nanos}
   * @param jump when the time of day was seen to be another; null: it is not
   * @param confirmed whether a config server has said since that the time of before is right
   */
  private record Course(Instant at, long nanos, @Nullable Long jump, boolean confirmed) {
    Instant at(long now) {
      return at.plusNanos(now - nanos);
    }
  }

  private MeshClock(InstantSource wall, LongSupplier nanos, Consumer<String> news) {
    this.wall = wall;
    this.nanos = nanos;
    this.news = news;
    this.course = new Course(wall.instant(), nanos.getAsLong(), null, false);
  }

  /** {@code news} hears of each jump, and of what became of it; it must not block. */
  public static MeshClock system(Consumer<String> news) {
    return new MeshClock(InstantSource.system(), System::nanoTime, news);
  }

  static MeshClock of(InstantSource wall, LongSupplier nanos, Consumer<String> news) {
    return new MeshClock(wall, nanos, news);
  }

  @Override
  public Instant instant() {
    Course now = course;
    long nano = nanos.getAsLong();
    Instant day = wall.instant();
    if (now.jump() == null && near(now.at(nano), day)) {
      return day;
    }
    lock.lock();
    try {
      return askedAgain();
    } finally {
      lock.unlock();
    }
  }

  private Instant askedAgain() {
    Course now = course;
    long nano = nanos.getAsLong();
    Instant day = wall.instant();
    Instant steady = now.at(nano);
    if (near(steady, day)) {
      if (now.jump() != null) {
        follow(day, nano);
        news.accept("clock is back at " + day + "; certificates are judged by it again");
      }
      return day;
    }
    if (now.jump() == null) {
      course = new Course(now.at(), now.nanos(), nano, false);
      news.accept(
          "clock jumped to "
              + day
              + "; certificates are judged by the time of before, now "
              + steady
              + ", until the config server says which is right");
      return steady;
    }
    if (!now.confirmed() && nano - now.jump() > PATIENCE.toNanos()) {
      follow(day, nano);
      news.accept("clock stays at " + day + ", and no config server says otherwise: it counts");
      return day;
    }
    return steady;
  }

  /** What a config server says the time is, whose word is as fresh as the network is fast. */
  public void told(Instant server) {
    lock.lock();
    try {
      compare(server);
    } finally {
      lock.unlock();
    }
  }

  private void compare(Instant server) {
    Instant steady = instant();
    Course now = course;
    if (now.jump() == null) {
      return;
    }
    long nano = nanos.getAsLong();
    Instant day = wall.instant();
    if (distance(server, day).compareTo(distance(server, steady)) < 0) {
      follow(day, nano);
      news.accept("clock was right to jump to " + day + ", says the config server: it counts");
    } else if (!now.confirmed()) {
      course = new Course(now.at(), now.nanos(), now.jump(), true);
      news.accept(
          "clock is wrong: it says "
              + day
              + ", the config server says "
              + server
              + "; certificates are judged by the time of before the jump, now "
              + steady
              + "; set this machine's clock");
    }
  }

  private void follow(Instant day, long nano) {
    course = new Course(day, nano, null, false);
  }

  private static boolean near(Instant one, Instant other) {
    return distance(one, other).compareTo(TOLERANCE) <= 0;
  }

  private static Duration distance(Instant one, Instant other) {
    return Duration.between(one, other).abs();
  }
}
