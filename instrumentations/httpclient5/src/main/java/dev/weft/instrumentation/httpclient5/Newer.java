package dev.weft.instrumentation.httpclient5;

import java.lang.invoke.MethodHandle;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpRequest;

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

  /** As {@link #call}, without a function for it: every attempt does this. */
  static void setRequest(MethodHandle setter, HttpClientContext context, HttpRequest request) {
    try {
      setter.invoke(context, request);
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
