package dev.weft.agent.identity;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;

/**
 * A few buffers that all connections share, so that none is held by an idle one. Take and give are
 * lock-free; when the slots are empty or full, buffers are made and dropped. Thread-safe.
 */
public final class BufferPool {
  /** Two TLS records of the largest size with their headers and tags. */
  public static final int SIZE = 33 * 1024;

  private static final int SLOTS = 64;
  private final AtomicReferenceArray<ByteBuffer> slots = new AtomicReferenceArray<>(SLOTS);
  private final AtomicInteger made = new AtomicInteger(); // less those that were dropped
  private final IntFunction<ByteBuffer> allocation;

  private BufferPool(IntFunction<ByteBuffer> allocation) {
    this.allocation = allocation;
  }

  /** Of buffers for system calls. */
  public static BufferPool direct() {
    return new BufferPool(ByteBuffer::allocateDirect);
  }

  /** Of buffers with an array. */
  static BufferPool heap() {
    return new BufferPool(ByteBuffer::allocate);
  }

  /** An empty buffer of {@link #SIZE} bytes. */
  public ByteBuffer take() {
    int start = (int) Thread.currentThread().getId();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (start + i) & (SLOTS - 1);
      if (slots.get(slot) != null) {
        ByteBuffer buffer = slots.getAndSet(slot, null);
        if (buffer != null) {
          return buffer.clear();
        }
      }
    }
    made.incrementAndGet();
    return allocation.apply(SIZE);
  }

  /** Returns a buffer that nobody uses any more. */
  public void give(ByteBuffer buffer) {
    int start = (int) Thread.currentThread().getId();
    for (int i = 0; i < SLOTS; i++) {
      if (slots.compareAndSet((start + i) & (SLOTS - 1), null, buffer)) {
        return;
      }
    }
    made.decrementAndGet();
  }

  /** Buffers that are in use now; meaningful while nobody takes or gives. */
  public int lent() {
    int idle = 0;
    for (int i = 0; i < SLOTS; i++) {
      if (slots.get(i) != null) {
        idle++;
      }
    }
    return made.get() - idle;
  }
}
