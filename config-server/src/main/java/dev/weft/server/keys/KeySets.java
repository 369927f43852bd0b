package dev.weft.server.keys;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Spec;
import dev.weft.server.log.Log;
import dev.weft.server.policy.Generation;
import dev.weft.server.policy.PolicyVersion;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The key sets that {@code RequestAuthentication}s only give the address of. They are fetched here,
 * for all workloads, and again from time to time; the last good one stays when that fails, also
 * over a restart. Until one was fetched, agents have no keys and refuse the issuer's tokens.
 *
 * <p>Runs on one daemon thread of its own, and never holds up what is in force.
 */
public final class KeySets implements AutoCloseable {
  private static final String FILE = "keys/key-sets.json";
  private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(30);

  /** When keys are fetched again. */
  public record Rhythm(Duration afterSuccess, Duration afterFailure) {
    /** What servers do. */
    public static final Rhythm USUAL = new Rhythm(Duration.ofMinutes(5), Duration.ofSeconds(15));
  }

  private final KeyFetcher fetcher = new KeyFetcher();
  private final StateFolder state;
  private final Rhythm rhythm;
  private final Consumer<PolicyVersion> inForce;
  private final Log log;
  private final Thread thread = new Thread(this::run, "weft-keys");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /** All below is guarded by the lock. */
  private PolicyVersion policy = new PolicyVersion(PolicyStore.empty(), Generation.NONE);

  /** Before the first documents nobody knows which keys are not wanted any more. */
  private boolean begun;

  private final Map<String, String> known = new TreeMap<>();
  private final Map<String, Long> dueNanos = new HashMap<>();
  private final Map<String, String> problems = new HashMap<>();

  private KeySets(StateFolder state, Rhythm rhythm, Consumer<PolicyVersion> inForce, Log log) {
    this.state = state;
    this.rhythm = rhythm;
    this.inForce = inForce;
    this.log = log;
    thread.setDaemon(true);
  }

  /**
   * Begins with what was fetched before.
   *
   * @param inForce gets the documents with the keys that are known, again with each new one
   */
  public static KeySets open(
      StateFolder state, Rhythm rhythm, Consumer<PolicyVersion> inForce, Log log)
      throws IOException {
    KeySets keySets = new KeySets(state, rhythm, inForce, log);
    keySets.load();
    keySets.thread.start();
    return keySets;
  }

  private void load() throws IOException {
    Optional<byte[]> content = state.read(FILE);
    if (content.isPresent()) {
      try {
        Json.object(content.get()).forEach((uri, keys) -> known.put(uri, String.valueOf(keys)));
      } catch (Refusal e) {
        log.warn("state file " + FILE + " is damaged, keys are fetched anew: " + e.getMessage());
      }
    }
  }

  /** Takes the documents in force. */
  public void policy(PolicyVersion documents) {
    lock.lock();
    try {
      policy = documents;
      begun = true;
      inForce.accept(withKeys());
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  private PolicyVersion withKeys() {
    return new PolicyVersion(policy.store().withKeySets(known), policy.generation());
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Map<String, Duration> due = awaitDue();
        for (Map.Entry<String, Duration> one : due.entrySet()) {
          fetch(one.getKey(), one.getValue());
        }
      }
    } catch (InterruptedException e) {
      // The server ends.
    }
  }

  /** Waits until some keys have to be fetched. */
  private Map<String, Duration> awaitDue() throws InterruptedException {
    lock.lock();
    try {
      while (!begun) {
        news.await();
      }
      while (true) {
        Map<String, Duration> wanted = wanted();
        dueNanos.keySet().retainAll(wanted.keySet());
        problems.keySet().retainAll(wanted.keySet());
        if (known.keySet().retainAll(wanted.keySet())) {
          save();
        }
        long now = System.nanoTime();
        long wait = rhythm.afterSuccess().toNanos();
        Map<String, Duration> due = new TreeMap<>();
        for (Map.Entry<String, Duration> one : wanted.entrySet()) {
          long left = dueNanos.getOrDefault(one.getKey(), now) - now;
          if (left <= 0) {
            due.put(one.getKey(), one.getValue());
          }
          wait = Math.min(wait, left);
        }
        if (!due.isEmpty()) {
          return due;
        }
        boolean unused = news.await(wait, TimeUnit.NANOSECONDS);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Addresses in the documents, and how long fetching may take. */
  private Map<String, Duration> wanted() {
    Map<String, Duration> wanted = new TreeMap<>();
    for (Document document : policy.store().inForce()) {
      if (document.spec() instanceof Spec.RequestAuthenticationSpec spec) {
        for (Spec.JwtSource source : spec.rules()) {
          if (!source.jwksUri().isEmpty()) {
            Duration timeout = source.timeout().orElse(USUAL_TIMEOUT);
            wanted.merge(
                source.jwksUri(),
                timeout.compareTo(LONGEST_TIMEOUT) > 0 ? LONGEST_TIMEOUT : timeout,
                (one, other) -> one.compareTo(other) > 0 ? one : other);
          }
        }
      }
    }
    return wanted;
  }

  private void fetch(String uri, Duration timeout) throws InterruptedException {
    try {
      String keys = fetcher.fetch(uri, timeout);
      fetched(uri, keys);
    } catch (IOException | RuntimeException e) {
      failed(uri, String.valueOf(e.getMessage()));
    }
  }

  private void fetched(String uri, String keys) {
    lock.lock();
    try {
      dueNanos.put(uri, System.nanoTime() + rhythm.afterSuccess().toNanos());
      boolean recovered = problems.remove(uri) != null;
      if (wanted().containsKey(uri) && !keys.equals(known.put(uri, keys))) {
        log.info("keys fetched from " + uri);
        save();
        inForce.accept(withKeys());
      } else if (recovered) {
        log.info("keys can be fetched again from " + uri);
      }
    } finally {
      lock.unlock();
    }
  }

  private void failed(String uri, String why) {
    lock.lock();
    try {
      dueNanos.put(uri, System.nanoTime() + rhythm.afterFailure().toNanos());
      if (!why.equals(problems.put(uri, why))) {
        log.warn(
            "keys not fetched from "
                + uri
                + (known.containsKey(uri) ? ", the last good ones stay: " : ", there are none: ")
                + why);
      }
    } finally {
      lock.unlock();
    }
  }

  private void save() {
    try {
      state.write(FILE, Json.bytes(known));
    } catch (IOException e) {
      log.error("keys not saved, a restart will fetch them anew: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
