package dev.weft.benchmarks.requests.app;

/** Sends the same GET again and again, by one library. Thread-safe. */
@FunctionalInterface
interface Sender {
  /**
   * Sends it, and reads its answer to the end.
   *
   * @throws Exception whatever the library throws; or when the answer is not 200
   */
  void send() throws Exception;

  /** Turns an answer that is not 200 into a failure: it must not count as a fast one. */
  static void check(int status) {
    if (status != 200) {
      throw new IllegalStateException("answered " + status);
    }
  }
}
