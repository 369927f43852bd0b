package dev.weft.agent.control;

import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.log.Log;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tells the server, while it is connected, what this agent applied and refused, on which ports it
 * listens and how it is: at once when one of these changes, else every ten seconds. Each report is
 * complete, so a lost one costs nothing. Thread-safe; {@link #run} has a thread of its own.
 */
final class Reporter implements Runnable {
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /** A server opens several ports in a row; they go in one report. */
  private static final Duration COALESCE = Duration.ofMillis(20);

  private final ControlApi api;
  private final WorkloadDescription self;
  private final IdentityStore identities;
  private final Pauses pauses;
  private final Log log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final RandomGenerator dice;
  private final List<Supplier<Map<String, Object>>> status = new CopyOnWriteArrayList<>();
  private volatile Supplier<List<String>> unreachable = List::of;

  // Guarded by lock.
  private boolean dirty;
  private @Nullable URI server;
  private @Nullable String acked;
  private @Nullable Map<String, Object> nacked;
  private boolean resync;

  Reporter(
      ControlApi api,
      WorkloadDescription self,
      IdentityStore identities,
      Pauses pauses,
      RandomGenerator dice,
      Log log) {
    this.api = api;
    this.self = self;
    this.identities = identities;
    this.pauses = pauses;
    this.dice = dice;
    this.log = log;
  }

  /** More for {@code status}; called on our thread, must not block. */
  void status(Supplier<Map<String, Object>> more) {
    status.add(more);
  }

  /** Endpoints that could not be connected to lately; called on our thread, must not block. */
  void unreachable(Supplier<List<String>> endpoints) {
    unreachable = endpoints;
  }

  /**
   * The stream to this server stands; null: it broke. What the watch request said already is not
   * repeated at once: agents that come back together shall not report together.
   */
  void connected(@Nullable URI to) {
    lock.lock();
    try {
      server = to;
      if (to != null && acked == null) {
        dirty = true;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void ack(String version) {
    change(
        () -> {
          acked = version;
          nacked = null;
          resync = false;
        });
  }

  /**
   * A version was refused.
   *
   * @param everythingAgain whether what comes next must not build on what came before
   */
  void nack(String version, String reason, boolean everythingAgain) {
    change(
        () -> {
          nacked = Map.of("version", version, "reason", reason);
          resync = everythingAgain;
        });
  }

  /** Something that reports carry has changed. */
  void touch() {
    change(() -> {});
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      dirty = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    try {
      while (true) {
        awaitReason();
        pauses.pause(COALESCE);
        if (!report()) {
          pauses.pause(AFTER_FAILURE);
          touch();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitReason() throws InterruptedException {
    lock.lock();
    try {
      long nanos = EVERY.toNanos();
      while (server == null || (!dirty && nanos > 0)) {
        if (server == null) {
          changed.await(EVERY.toNanos(), TimeUnit.NANOSECONDS);
          nanos = (long) (EVERY.toNanos() * dice.nextDouble());
        } else {
          nanos = changed.awaitNanos(nanos);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** False when it should be tried again soon. */
  private boolean report() throws InterruptedException {
    Map<String, Object> body = new LinkedHashMap<>();
    URI to;
    lock.lock();
    try {
      dirty = false;
      to = server;
      body.put("instance", self.instance());
      body.put("acked", acked);
      body.put("nacked", nacked);
      if (resync) {
        body.put("resync", true);
        resync = false; // once: the answer to it is a new beginning
      }
    } finally {
      lock.unlock();
    }
    if (to == null) {
      return true;
    }
    self.putState(body);
    body.put("unreachable", unreachable.get());
    body.put("status", statusNow());
    try {
      api.call(to, "/v1/report", body);
      return true;
    } catch (IOException e) {
      // The watch stream notices a lost server and says so; this is only the echo.
      log.debug("report to the config server failed: " + RefusedException.describe(e));
      return false;
    }
  }

  private Map<String, Object> statusNow() {
    Map<String, Object> all = new LinkedHashMap<>();
    Identity identity = identities.current();
    if (identity != null) {
      all.put("certificateNotAfter", identity.notAfter().toString());
    }
    all.put("clock", Instant.now().toString()); // of the machine, right or wrong
    try {
      status.forEach(more -> all.putAll(more.get()));
    } catch (RuntimeException e) {
      log.debug("status is incomplete: " + e);
    }
    return all;
  }
}
