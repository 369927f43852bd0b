package dev.weft.agent.control;

import dev.weft.policy.DirectoryEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The services that the application calls and of which the server has told only the names: asked
 * for once, when one of them is first resolved or called, and wanted from then on for the life of
 * the JVM. Who cannot go on without one waits for it, but not for long. Thread-safe.
 */
public final class Wants {
  /** How long a call waits for the service that it wants; beyond it, the service is not there. */
  static final Duration LIMIT = Duration.ofSeconds(1);

  /** What the server lets one agent ask for. */
  static final int MOST = 1000;

  private final Snapshots snapshots;
  private final BooleanSupplier ownThread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final LongAdder waits = new LongAdder();
  private final LongAdder late = new LongAdder();

  // Guarded by lock.
  private final Set<String> wanted = new LinkedHashSet<>();
  private final Set<String> unsent = new LinkedHashSet<>();
  private @Nullable Runnable sender;

  /**
   * Nothing is wanted yet.
   *
   * @param ownThread whether the current thread is the agent's, which never waits
   */
  Wants(Snapshots snapshots, BooleanSupplier ownThread) {
    this.snapshots = snapshots;
    this.ownThread = ownThread;
    snapshots.onChange(view -> signal());
  }

  private void signal() {
    lock.lock();
    try {
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The stream to a server stands, which knows what was wanted so far; null: it broke.
   *
   * @param send has {@link #unsent} sent soon; must not block
   */
  void connected(@Nullable Runnable send) {
    lock.lock();
    try {
      sender = send;
      if (send == null) {
        arrived.signalAll(); // nobody will bring anything
      } else if (!unsent.isEmpty()) {
        send.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Keys of everything that is wanted, for a watch request. */
  List<String> all() {
    lock.lock();
    try {
      unsent.clear();
      return List.copyOf(wanted);
    } finally {
      lock.unlock();
    }
  }

  /** Keys that no server was asked for yet; they count as asked for from now on. */
  List<String> unsent() {
    lock.lock();
    try {
      List<String> keys = new ArrayList<>(unsent);
      unsent.clear();
      return keys;
    } finally {
      lock.unlock();
    }
  }

  /** Somebody is about to call this service. Returns at once. */
  public void ask(DirectoryEntry entry) {
    lock.lock();
    try {
      if (wanted.size() < MOST && wanted.add(entry.key()) && unsent.add(entry.key())) {
        Runnable send = sender;
        if (send != null) {
          send.run();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks for a service and waits for it, unless the thread is the agent's own, no server is
   * connected, or too many were asked for.
   *
   * @return the view to go on with; the service is still missing from it when it did not come
   */
  public MeshView await(DirectoryEntry entry, MeshView view) {
    if (!missing(view, entry)) {
      return view;
    }
    ask(entry);
    if (ownThread.getAsBoolean()) {
      return current(view);
    }
    waits.increment();
    long nanos = LIMIT.toNanos();
    lock.lock();
    try {
      while (missing(current(view), entry)) {
        if (sender == null || !wanted.contains(entry.key()) || nanos <= 0) {
          late.increment();
          break;
        }
        nanos = arrived.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return current(view);
  }

  private MeshView current(MeshView otherwise) {
    MeshView now = snapshots.current();
    return now == null ? otherwise : now;
  }

  private static boolean missing(MeshView view, DirectoryEntry entry) {
    return view.named(entry);
  }

  /** What reports tell; empty when nothing was ever wanted. */
  Map<String, Object> status() {
    lock.lock();
    try {
      if (wanted.isEmpty()) {
        return Map.of();
      }
      Map<String, Object> counts = new LinkedHashMap<>();
      counts.put("wanted", wanted.size());
      counts.put("waits", waits.sum());
      counts.put("late", late.sum());
      return Map.of("onDemand", counts);
    } finally {
      lock.unlock();
    }
  }
}
