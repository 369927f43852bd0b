package dev.weft.agent.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Real threads of which one runs at a time, and dice decide when the next one does: the same dice
 * give the same interleaving. A thread gives the turn away where it calls {@link #pass} only; the
 * links' engines and kernel call it before and after each of their steps, so that a reader stops in
 * the middle of its read and a writer goes on.
 *
 * <p>Why threads: a link's read and write are plain methods, which a scheduler on one thread can
 * interleave from call to call, but not inside a call.
 */
final class Turns {
  /** What one thread does. */
  interface Part {
    void play() throws Exception;
  }

  private static final int STAYS = 3; // of four times
  private final RandomGenerator dice;
  private final long patience;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile Thread current = Thread.currentThread();
  private long taken; // by the current thread only

  /** Parts that take more steps than {@code patience} together have failed. */
  Turns(RandomGenerator dice, long patience) {
    this.dice = dice;
    this.patience = patience;
  }

  /** Plays all parts to their end; throws the first failure. */
  void play(Part... parts) {
    Thread caller = Thread.currentThread();
    for (Part part : parts) {
      threads.add(new Thread(() -> play(part, caller), "part-" + threads.size()));
    }
    List<Thread> all = List.copyOf(threads);
    all.forEach(Thread::start);
    give(threads.get(0));
    awaitTurn(caller);
    for (Thread thread : all) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get().toString(), failure.get());
    }
  }

  private void play(Part part, Thread caller) {
    Thread self = Thread.currentThread();
    awaitTurn(self);
    try {
      if (failure.get() == null) {
        part.play();
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      threads.remove(self);
      give(threads.isEmpty() ? caller : any());
    }
  }

  /** A step is done; perhaps another thread goes on. */
  void pass() {
    pass(STAYS);
  }

  /** There is nothing to do before another thread has done something. */
  void idle() {
    pass(0);
  }

  /** A step is done, in a place where no other thread could go on. */
  void count() {
    taken++;
    if (failure.get() != null || taken > patience) {
      throw new AssertionError("no end in sight after " + taken + " steps");
    }
  }

  private void pass(int stays) {
    count();
    Thread self = Thread.currentThread();
    if (threads.contains(self) && dice.nextInt(4) >= stays) {
      give(any());
      awaitTurn(self);
    }
  }

  /** Steps that all parts together have taken. */
  long taken() {
    return taken;
  }

  private Thread any() {
    return threads.get(dice.nextInt(threads.size()));
  }

  private void give(Thread next) {
    current = next;
    LockSupport.unpark(next);
  }

  private void awaitTurn(Thread self) {
    while (current != self) {
      LockSupport.park(this);
    }
  }
}
