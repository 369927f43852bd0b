package dev.weft.agent.wire;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Ciphertext to and from the kernel, or to and from a simulated one. */
interface Transport {
  int EOF = -1;
  int UNAVAILABLE = -2;
  int INTERRUPTED = -3;

  /** Fills a direct buffer; the number of bytes, or one of the constants. */
  int read(ByteBuffer target) throws IOException;

  /** Drains a direct buffer as far as it goes; the number of bytes, or one of the constants. */
  int write(ByteBuffer source) throws IOException;
}
