package dev.weft.agent.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Native arrays of {@code struct iovec}, by which the JDK scatters and gathers. */
final class Vectors {
  private static final int IOVEC = 16; // on 64-bit: pointer and length

  private Vectors() {}

  static boolean hasRemaining(ByteBuffer[] buffers) {
    for (ByteBuffer buffer : buffers) {
      if (buffer.hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  /** A buffer on each element's memory, none left out. */
  static ByteBuffer[] buffers(long vectors, int count) {
    ByteBuffer table = NativeIo.buffer(vectors, count * IOVEC).order(ByteOrder.nativeOrder());
    ByteBuffer[] buffers = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long address = table.getLong(i * IOVEC);
      buffers[i] = NativeIo.buffer(address, (int) table.getLong(i * IOVEC + 8));
    }
    return buffers;
  }
}
