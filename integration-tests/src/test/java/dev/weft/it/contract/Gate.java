package dev.weft.it.contract;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a backend waits at, until its story lets it go on. Thread-safe. */
final class Gate {
  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch latch = new CountDownLatch(1);

  /** Lets everybody go on, from now on. */
  void open() {
    latch.countDown();
  }

  /** Waits until it is open. */
  void pass() throws IOException, InterruptedException {
    if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("nobody opened the gate");
    }
  }
}
