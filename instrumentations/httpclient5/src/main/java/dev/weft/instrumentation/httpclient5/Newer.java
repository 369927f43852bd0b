package dev.weft.instrumentation.httpclient5;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** Members that the oldest version, against which this is compiled, does not have. */
final class Newer {
  private Newer() {}

  /** A public method; null: this version has none such. */
  static @Nullable MethodHandle method(Class<?> owner, String name, MethodType type) {
    try {
      return MethodHandles.publicLookup().findVirtual(owner, name, type);
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }

  /** A class; null: this version has none such. */
  static @Nullable Class<?> type(ClassLoader library, String name) {
    try {
      return Class.forName(name, false, library);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

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
