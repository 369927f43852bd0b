package dev.weft.instrumentation.testing;

import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Links woven call sites to advice. Loaded by the bootstrap loader in tests, so that JDK classes
 * can see it; {@link Weaver} sets {@link #adapters} on that copy.
 */
public final class BootLinker {
  /** The loader of the advice classes. */
  public static volatile ClassLoader adapters;

  private BootLinker() {}

  /** Called once per woven call site; the first argument is the advice class's name. */
  public static CallSite link(
      MethodHandles.Lookup caller, String method, MethodType type, Object... arguments)
      throws ReflectiveOperationException {
    Class<?> advice = Class.forName((String) arguments[0], true, adapters);
    return new ConstantCallSite(MethodHandles.publicLookup().findStatic(advice, method, type));
  }
}
