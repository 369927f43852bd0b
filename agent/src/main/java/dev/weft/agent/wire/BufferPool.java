package dev.weft.agent.wire;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few direct buffers that all connections share, so that none is held by an idle one. Take and
 * give are lock-free; when the slots are empty or full, buffers are made and dropped. Thread-safe.
 */
final class BufferPool {
  /** Two TLS records of the largest size with their headers and tags. */
  static final int SIZE = 33 * 1024;

  private static final int SLOTS = 64;
  private final AtomicReferenceArray<ByteBuffer> slots = new AtomicReferenceArray<>(SLOTS);
  private final AtomicInteger made = new AtomicInteger(); // less those that were dropped

  /** An empty buffer of {@link #SIZE} bytes. */
  ByteBuffer take() {
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
    return ByteBuffer.allocateDirect(SIZE);
  }

  /** Returns a buffer that nobody uses any more. */
  void give(ByteBuffer buffer) {
    int start = (int) Thread.currentThread().getId();
    for (int i = 0; i < SLOTS; i++) {
      if (slots.compareAndSet((start + i) & (SLOTS - 1), null, buffer)) {
        return;
      }
    }
    made.decrementAndGet();
  }

  /** Buffers that are in use now; meaningful while nobody takes or gives. */
  int lent() {
    int idle = 0;
    for (int i = 0; i < SLOTS; i++) {
      if (slots.get(i) != null) {
        idle++;
      }
    }
    return made.get() - idle;
  }
}
