package dev.weft.instrumentation;

import dev.weft.instrumentation.ClientExchange.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A race for a client that blocks its caller: the caller's thread carries out the first attempt,
 * and a rival takes a thread when it is due, not before. Thread-safe.
 *
 * <p>On that thread runs what the library runs for an attempt. It serves the caller's {@link
 * ServedRequest} and has the caller's context class loader; thread-locals of the application are
 * the caller's alone.
 *
 * @param <R> what comes of an attempt: an answer that the application gets
 * @param <E> what the library throws beside {@code IOException}
 */
public final class BlockingRace<R, E extends Exception> {
  /** How long a caller that waits for rivals does not notice that it is to give up. */
  private static final long LOOK_MILLIS = 10;

  /** Attempts that follow one another on one thread, each after the {@link Step} before. */
  public interface Contender<R, E extends Exception> {
    /**
     * Carries steps out until one ends the request.
     *
     * @return null: it ended with {@link Drop}, or was broken off
     */
    @Nullable R run(Step first) throws IOException, E;

    /** Makes {@link #run} end soon, whatever it waits for. Called on any thread. */
    void breakOff();

    /** Lets go of an answer that the application does not get. */
    void discard(R answer);
  }

  /** What a caller looks at while it waits. */
  @FunctionalInterface
  public interface Look<E extends Exception> {
    /** Throws what the application gets, when it has cancelled the request or interrupts us. */
    void look() throws IOException, E;
  }

  private final ClientExchange exchange;
  private final Duration delay;
  private final Function<BlockingRace<R, E>, Contender<R, E>> rivals;
  private final Race<Contender<R, E>> race = new Race<>(Contender::breakOff);
  private final @Nullable ServedRequest served = Mesh.client().served();
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private final CountDownLatch decided = new CountDownLatch(1);
  private @Nullable Contender<R, E> winner;
  private @Nullable R answer;
  private @Nullable Throwable failure;

  /**
   * A race that begins, on the caller's thread.
   *
   * @param delay {@link ClientExchange#hedgeDelay}
   * @param rivals makes one that takes part in the race; called on a rival's thread
   */
  public BlockingRace(
      ClientExchange exchange,
      Duration delay,
      Function<BlockingRace<R, E>, Contender<R, E>> rivals) {
    this.exchange = exchange;
    this.delay = delay;
    this.rivals = rivals;
  }

  /**
   * Carries the caller's own attempts out, and waits for rivals when nothing has come of them.
   *
   * @throws IOException or another one: what the attempt that decided threw
   */
  public R run(Contender<R, E> own, Step first, Look<E> look) throws IOException, E {
    try {
      race.join(own);
      R mine = own.run(first);
      if (mine == null) {
        race.leave(own);
      } else if (!decide(own, mine, null)) {
        own.discard(mine);
      }
    } catch (Throwable t) {
      decide(own, null, t);
    }
    return result(look);
  }

  private R result(Look<E> look) throws IOException, E {
    try {
      while (!decidedSoon()) {
        look.look();
      }
    } catch (Throwable t) {
      giveUp(t);
      throw t;
    }
    if (failure != null) {
      throw BlockingRace.<E>asIs(failure);
    }
    return Objects.requireNonNull(answer);
  }

  /** An answer counts also on an interrupted thread. */
  private boolean decidedSoon() {
    try {
      return decided.getCount() == 0 || decided.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void giveUp(Throwable reason) {
    if (!fail(reason)) {
      synchronized (this) {
        if (answer != null && winner != null) {
          winner.discard(answer);
        }
      }
    }
  }

  /**
   * Begins the wait for the answer to an attempt, after which a rival is due; to be cancelled when
   * there is an answer or a failure.
   */
  public Limit sent(Attempt attempt) {
    return Limit.after(delay, () -> due(attempt));
  }

  /** Whether something has decided it. */
  public boolean over() {
    return race.over();
  }

  /** Ends it from outside: the caller gets this. False: it was decided before. */
  public boolean fail(Throwable outside) {
    return decide(null, null, outside);
  }

  private void due(Attempt unanswered) {
    Attempt rival = race.over() ? null : exchange.hedge(unanswered);
    if (rival == null) {
      return;
    }
    try {
      RivalThreads.execute(() -> compete(rival));
    } catch (Throwable t) { // the attempt counts, and no thread is to be had for it
      if (exchange.retry(rival, t, Progress.UNSENT) != Drop.INSTANCE) {
        fail(new IOException("no thread for another attempt", t));
      }
    }
  }

  private void compete(Attempt attempt) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    ServerExchange.Scope scope = served == null ? () -> {} : served.attach();
    Contender<R, E> rival = null;
    try {
      rival = rivals.apply(this);
      if (race.join(rival)) {
        R mine = rival.run(attempt);
        if (mine != null && !decide(rival, mine, null)) {
          rival.discard(mine);
        }
      }
    } catch (Throwable t) {
      decide(rival, null, t);
    } finally {
      scope.close();
      thread.setContextClassLoader(before);
      if (rival != null) {
        race.leave(rival);
      }
    }
  }

  /** The first time counts. */
  private boolean decide(
      @Nullable Contender<R, E> by, @Nullable R itsAnswer, @Nullable Throwable itsFailure) {
    synchronized (this) {
      if (decided.getCount() == 0) {
        return false;
      }
      winner = by;
      answer = itsAnswer;
      failure = itsFailure;
      decided.countDown();
    }
    if (by == null) {
      race.end();
    } else {
      race.won(by);
    }
    return true;
  }

  /** A failure is what a contender threw, so it is one of those that it may throw. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Exception> T asIs(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
