package dev.weft.instrumentation.httpclient5;

/** Members that the oldest version, against which this is compiled, does not have. */
final class Newer {
  private Newer() {}

  /** Calls a method that throws nothing checked. */
  static <T> T call(Invocation<T> invocation) {
    try {
      return invocation.call();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A call of a method handle. */
  interface Invocation<T> {
    T call() throws Throwable;
  }
}
