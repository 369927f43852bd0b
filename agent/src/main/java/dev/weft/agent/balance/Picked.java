package dev.weft.agent.balance;

import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint of one attempt, which counts as in flight from now on, until {@link
 * EndpointChoice#finished}. Thread-safe.
 */
public final class Picked {
  // Updaters, not atomics: one of these is made for every attempt.
  private static final AtomicIntegerFieldUpdater<Picked> JUDGED =
      AtomicIntegerFieldUpdater.newUpdater(Picked.class, "judged");
  private static final AtomicIntegerFieldUpdater<Picked> FINISHED =
      AtomicIntegerFieldUpdater.newUpdater(Picked.class, "finished");

  private final Pool pool;
  private final Member member;
  private final boolean probe;
  private final @Nullable HeaderEdit header;

  @SuppressWarnings("UnusedVariable") // by its updater
  private volatile int judged;

  @SuppressWarnings("UnusedVariable") // by its updater
  private volatile int finished;

  Picked(Pool pool, Member member, boolean probe, @Nullable HeaderEdit header) {
    this.pool = pool;
    this.member = member;
    this.probe = probe;
    this.header = header;
  }

  public Endpoint endpoint() {
    return member.endpoint();
  }

  /** Where it is dialled, under the name that the application calls. */
  public InetSocketAddress address(String host) {
    return member.address().of(member.endpoint(), host);
  }

  /** Where it is dialled, under no name. */
  public InetSocketAddress unnamedAddress() {
    return member.address().unnamed(member.endpoint());
  }

  /** What the endpoint costs; for penalties such as {@code Retry-After}. */
  public EndpointLoad load() {
    return member.state().load();
  }

  /**
   * What is to be done to the headers of the response of this attempt, if it is the one that the
   * application gets: a cookie or header that keeps the session or the hash.
   */
  public Optional<HeaderEdit> responseHeader() {
    return Optional.ofNullable(header);
  }

  /** Whether the attempt decides if an ejected endpoint returns. */
  boolean probe() {
    return probe;
  }

  Pool pool() {
    return pool;
  }

  Member member() {
    return member;
  }

  /** True once. */
  boolean judge() {
    return JUDGED.compareAndSet(this, 0, 1);
  }

  /** True once. */
  boolean finish() {
    return FINISHED.compareAndSet(this, 0, 1);
  }
}
