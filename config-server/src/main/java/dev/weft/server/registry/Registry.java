package dev.weft.server.registry;

import dev.weft.policy.Unready;
import dev.weft.policy.compile.Workload;
import dev.weft.server.authority.Svid;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The workloads that are there. A registration lives as long as its watch stream: it goes at once
 * when the agent's side ends the stream, because then its process is gone, and after a lease when
 * the stream broke for another reason. Thread-safe.
 */
public final class Registry {
  /** How long a workload whose stream broke keeps its place. */
  public static final Duration LEASE = Duration.ofSeconds(15);

  /** Between two tries an agent waits up to 30 s; it shall find its place when it comes. */
  private static final int RESTORED_LEASES = 3;

  /** How many workloads of one identity may be there at once. */
  static final int MAX_PER_IDENTITY = 200;

  private static final int MAX_INSTANCES = 10_000;

  /** How a stream came to its end. */
  public enum End {
    /** The agent's process, or its kernel, closed the connection. */
    CLOSED_BY_AGENT,
    /** The server gave it up, or nothing was heard any more. */
    BROKEN
  }

  /** A workload that is there. Guarded by the entries. */
  static final class Entry {
    Registration registration;
    @Nullable Stream stream;
    @Nullable Future<?> expiry;

    /** Since when its absence counts, by {@link System#nanoTime}; of use without a stream only. */
    long absentSince;

    Entry(Registration registration) {
      this.registration = registration;
    }
  }

  private final Duration lease;
  private final ScheduledExecutorService scheduler;
  private final Log log;
  private volatile Runnable changed = () -> {};
  private final Entries entries = new Entries();

  /** An empty registry. */
  public Registry(Duration lease, ScheduledExecutorService scheduler, Log log) {
    this.lease = lease;
    this.scheduler = scheduler;
    this.log = log;
  }

  /** Has every further change told, on the thread that made it; {@code listener} must not block. */
  public void onChange(Runnable listener) {
    changed = listener;
  }

  /** The hold of one watch stream on a registration. */
  public final class Stream {
    private final UUID instance;

    private Stream(UUID instance) {
      this.instance = instance;
    }

    /** Ends the hold; without effect once a newer stream of the same workload has taken over. */
    public void end(End how) {
      ended(this, how);
    }
  }

  /**
   * Registers a workload for as long as a stream lives. A newer stream of the same JVM takes over.
   *
   * @throws Refusal {@code instance-taken} when another identity holds the instance's UUID; {@code
   *     too-many-watches} or {@code too-many-workloads} when this one, or all, hold too many
   */
  public Stream open(Registration registration) throws Refusal {
    Stream stream = new Stream(registration.instance());
    boolean arrived;
    boolean news;
    synchronized (entries) {
      Entry entry = entries.get(registration.instance());
      arrived = entry == null;
      news = arrived;
      if (entry == null) {
        if (entries.size() >= MAX_INSTANCES) {
          throw new Refusal(
              Kind.OVERLOADED, "too-many-workloads", "The registry is full: " + MAX_INSTANCES);
        }
        requireRoom(registration.workload().spiffeId());
        boolean nameTaken =
            entries.all().stream()
                .anyMatch(e -> named(e.registration, registration.workload().id()));
        entry = new Entry(nameTaken ? registration.named(longName(registration)) : registration);
        entries.add(entry);
      } else {
        requireOwner(entry, registration.svid().spiffeId().toString());
        Workload before = entry.registration.workload();
        entry.registration = registration.succeeding(entry.registration);
        // After a restart everybody comes back as who they were, which changes nothing for others.
        news = !entry.registration.workload().equals(before);
      }
      entry.stream = stream;
      if (entry.expiry != null) {
        entry.expiry.cancel(false);
        entry.expiry = null;
      }
      news |= replace(entry.registration.workload());
    }
    if (arrived) {
      log.info(
          "workload registered id="
              + registration.workload().id()
              + " spiffe-id="
              + registration.svid().spiffeId()
              + " address="
              + registration.workload().address()
              + " listening="
              + registration.workload().listening());
      if (!registration.workload().address().equals(registration.remote())) {
        log.warn(
            "workload claims another address than it connects from id="
                + registration.workload().id()
                + " spiffe-id="
                + registration.svid().spiffeId()
                + " address="
                + registration.workload().address()
                + " remote="
                + registration.remote());
      }
    }
    if (news) {
      changed.run();
    }
    return stream;
  }

  /** One identity, be it broken or stolen, shall not fill the registry for all others. */
  private void requireRoom(String spiffeId) throws Refusal {
    int present = entries.of(spiffeId).size();
    if (present >= MAX_PER_IDENTITY) {
      throw new Refusal(
          Kind.TOO_MANY,
          "too-many-watches",
          spiffeId + " has " + present + " watches already, and may have no more.");
    }
  }

  private static boolean named(Registration registration, String id) {
    return registration.workload().id().equals(id);
  }

  private static String longName(Registration registration) {
    String id = registration.workload().id();
    return id.substring(0, id.length() - 8) + registration.instance();
  }

  private static void requireOwner(Entry entry, String spiffeId) throws Refusal {
    String owner = entry.registration.svid().spiffeId().toString();
    if (!owner.equals(spiffeId)) {
      throw new Refusal(
          Kind.CONFLICT,
          "instance-taken",
          "Instance "
              + entry.registration.instance()
              + " belongs to "
              + owner
              + ", not to "
              + spiffeId
              + ".");
    }
  }

  /** What an agent tells about its workload again and again. */
  public record Told(
      List<Integer> listening, Map<Integer, String> protocols, Optional<Unready> unready) {}

  /**
   * Notes what an agent tells about its workload, and the certificate it shows now.
   *
   * @throws Refusal {@code unknown-instance} or {@code instance-taken}
   */
  public void report(UUID instance, Svid svid, Told told) throws Refusal {
    synchronized (entries) {
      Entry entry = owned(instance, svid);
      if (svid.notAfter().isAfter(entry.registration.svid().notAfter())) {
        entry.registration = entry.registration.renewed(svid);
      }
      Workload before = entry.registration.workload();
      Registration now =
          entry.registration.telling(told.listening(), told.protocols(), told.unready());
      if (now.workload().equals(before)) {
        return;
      }
      entry.registration = now;
      if (!told.listening().equals(before.listening())) {
        log.info("workload listening id=" + before.id() + " ports=" + told.listening());
      }
      tellReadiness(before, now.workload());
      replace(now.workload());
    }
    changed.run();
  }

  /**
   * Ends the lease of whoever listened before at an address and port where a workload listens now:
   * that process was killed. What clients say of the port would concern both.
   *
   * @return whether there was somebody
   */
  private boolean replace(Workload now) {
    boolean somebody = false;
    for (Entry entry : entries.of(now.spiffeId())) {
      Workload old = entry.registration.workload();
      if (entry.stream == null
          && old.address().equals(now.address())
          && !Collections.disjoint(old.listening(), now.listening())) {
        entries.remove(entry.registration.instance());
        log.info("workload gone id=" + old.id() + " replaced by id=" + now.id());
        somebody = true;
      }
    }
    return somebody;
  }

  private void tellReadiness(Workload before, Workload now) {
    if (!before.traits().unready().equals(now.traits().unready())) {
      log.info(
          "workload "
              + now.traits().unready().map(why -> "not ready: " + why).orElse("ready")
              + " id="
              + now.id());
    }
  }

  /**
   * Marks a workload as shutting down: it is no longer ready, and will not be again.
   *
   * @throws Refusal {@code unknown-instance} or {@code instance-taken}
   */
  public void drain(UUID instance, Svid svid) throws Refusal {
    synchronized (entries) {
      Entry entry = owned(instance, svid);
      Workload before = entry.registration.workload();
      if (entry.registration.draining()) {
        return;
      }
      entry.registration = entry.registration.drained();
      tellReadiness(before, entry.registration.workload());
    }
    changed.run();
  }

  /** Notes which ports clients do not get through to, of those workloads that are named here. */
  void suspect(Map<UUID, Set<Integer>> ports) {
    boolean news = false;
    synchronized (entries) {
      for (Map.Entry<UUID, Set<Integer>> suspects : ports.entrySet()) {
        Entry entry = entries.get(suspects.getKey());
        if (entry == null) {
          continue;
        }
        Registration now = entry.registration.suspected(suspects.getValue());
        if (!now.equals(entry.registration)) {
          entry.registration = now;
          news = true;
          log.warn(
              "workload "
                  + (suspects.getValue().isEmpty()
                      ? "not suspect any more"
                      : "not reached by its clients on ports " + suspects.getValue())
                  + " id="
                  + now.workload().id());
        }
      }
    }
    if (news) {
      changed.run();
    }
  }

  /**
   * The registration of an instance that this identity holds.
   *
   * @throws Refusal {@code unknown-instance} or {@code instance-taken}
   */
  public Registration require(UUID instance, Svid svid) throws Refusal {
    synchronized (entries) {
      return owned(instance, svid).registration;
    }
  }

  private Entry owned(UUID instance, Svid svid) throws Refusal {
    Entry entry = entries.get(instance);
    if (entry == null) {
      throw new Refusal(
          Kind.NOT_FOUND,
          "unknown-instance",
          "Instance " + instance + " is not registered; open /v1/watch first.");
    }
    requireOwner(entry, svid.spiffeId().toString());
    return entry;
  }

  /**
   * Puts back who was there when the server ended, in order of arrival. Nobody of them is
   * connected; who does not come back in time is gone. Called once, before the first {@link #open}.
   */
  public void restore(List<Remembered> kept) {
    Duration time = lease.multipliedBy(RESTORED_LEASES);
    synchronized (entries) {
      for (Remembered each : kept.subList(0, Math.min(kept.size(), MAX_INSTANCES))) {
        // What clients said of it is forgotten; they will say it again.
        Entry entry = new Entry(each.registration().suspected(List.of()));
        entries.add(entry);
        // Whoever died while no server ran must not live on with every further restart.
        entry.absentSince = System.nanoTime() - each.absent().toNanos();
        expireIn(each.registration().instance(), entry, time.minus(each.absent()));
      }
    }
    if (!kept.isEmpty()) {
      log.info("registry restored workloads=" + kept.size() + " lease=" + time.toSeconds() + "s");
      changed.run();
    }
  }

  private void expireIn(UUID instance, Entry entry, Duration time) {
    entry.expiry =
        scheduler.schedule(() -> expired(instance), time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void ended(Stream stream, End how) {
    synchronized (entries) {
      Entry entry = entries.get(stream.instance);
      if (entry == null || entry.stream != stream) {
        return;
      }
      entry.stream = null;
      entry.absentSince = System.nanoTime();
      if (how == End.BROKEN) {
        expireIn(stream.instance, entry, lease);
        log.warn(
            "workload lost its stream id="
                + entry.registration.workload().id()
                + " lease="
                + lease.toSeconds()
                + "s");
        return;
      }
      entries.remove(stream.instance);
      log.info("workload gone id=" + entry.registration.workload().id());
    }
    changed.run();
  }

  private void expired(UUID instance) {
    synchronized (entries) {
      Entry entry = entries.get(instance);
      if (entry == null || entry.stream != null) {
        return; // it came back just in time
      }
      entries.remove(instance);
      log.warn("workload gone id=" + entry.registration.workload().id() + " lease expired");
    }
    changed.run();
  }

  /** Everybody who is there, in order of arrival, for the next server. */
  public List<Remembered> remembered() {
    synchronized (entries) {
      long now = System.nanoTime();
      List<Remembered> all = new ArrayList<>(entries.size());
      for (Entry entry : entries.all()) {
        long absent = entry.stream == null ? now - entry.absentSince : 0;
        all.add(new Remembered(entry.registration, Duration.ofNanos(absent)));
      }
      return all;
    }
  }

  /** Everybody who is there, in order of arrival. */
  public List<Registration> registrations() {
    synchronized (entries) {
      List<Registration> all = new ArrayList<>(entries.size());
      entries.all().forEach(entry -> all.add(entry.registration));
      return all;
    }
  }

  /** The end of the newest certificate that a workload showed; the past when it is not there. */
  public Instant certifiedUntil(UUID instance) {
    synchronized (entries) {
      Entry entry = entries.get(instance);
      return entry == null ? Instant.MIN : entry.registration.svid().notAfter();
    }
  }

  /** Whether a JVM holds a stream right now. */
  public boolean connected(UUID instance) {
    synchronized (entries) {
      Entry entry = entries.get(instance);
      return entry != null && entry.stream != null;
    }
  }
}
