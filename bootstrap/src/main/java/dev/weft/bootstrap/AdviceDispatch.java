package dev.weft.bootstrap;

import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Links the {@code invokedynamic} instructions in woven library code to advice in the agent.
 * Thread-safe.
 */
public final class AdviceDispatch {
  private static volatile @Nullable Resolver resolver;

  private AdviceDispatch() {}

  /** Finds advice methods. Implemented by the agent. */
  public abstract static class Resolver {
    /**
     * The advice method for a call site.
     *
     * @param caller the woven class
     * @param adviceClass binary name
     */
    public abstract CallSite resolve(
        MethodHandles.Lookup caller, String method, MethodType type, String adviceClass)
        throws Throwable;
  }

  /** Called once, before the first library class is woven. */
  public static void install(Resolver resolver) {
    AdviceDispatch.resolver = resolver;
  }

  /** The bootstrap method of the woven instructions. */
  public static CallSite bootstrap(
      MethodHandles.Lookup caller, String method, MethodType type, String adviceClass)
      throws Throwable {
    Resolver resolver = AdviceDispatch.resolver;
    if (resolver == null) {
      throw new IllegalStateException("the agent is not installed");
    }
    CallSite site = resolver.resolve(caller, method, type, adviceClass);
    return site instanceof ConstantCallSite ? site : new ConstantCallSite(site.dynamicInvoker());
  }
}
