package dev.weft.agent.weaving;

import dev.weft.bootstrap.AdviceDispatch;
import dev.weft.bootstrap.AgentClassLoader;
import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the advice for a woven call site, in the adapter loader of the woven class's loader.
 * Adapter loaders are held by the call sites that use them, so they go when the application's
 * loader goes. Thread-safe.
 */
public final class AdviceLinker extends AdviceDispatch.Resolver {
  private final AgentClassLoader agent;
  private final Consumer<Module> opener;
  private final Map<ClassLoader, WeakReference<AdapterClassLoader>> adapters = new WeakHashMap<>();

  /**
   * A linker that loads adapters from the agent.
   *
   * @param opener opens what adapters need of the JDK to their module
   */
  public AdviceLinker(AgentClassLoader agent, Consumer<Module> opener) {
    this.agent = agent;
    this.opener = opener;
  }

  @Override
  public CallSite resolve(
      MethodHandles.Lookup caller, String method, MethodType type, String adviceClass)
      throws Throwable {
    Class<?> advice =
        Class.forName(adviceClass, true, adapterLoader(caller.lookupClass().getClassLoader()));
    MethodHandle found = null;
    for (java.lang.reflect.Method each : advice.getMethods()) {
      if (each.getName().equals(method) && each.getParameterCount() == type.parameterCount()) {
        found = MethodHandles.publicLookup().unreflect(each);
      }
    }
    if (found == null) {
      throw new NoSuchMethodException(adviceClass + "." + method + type);
    }
    return new ConstantCallSite(found.asType(type));
  }

  private AdapterClassLoader adapterLoader(@Nullable ClassLoader library) {
    ClassLoader key = library == null ? ClassLoader.getPlatformClassLoader() : library;
    synchronized (adapters) {
      WeakReference<AdapterClassLoader> reference = adapters.get(key);
      AdapterClassLoader loader = reference == null ? null : reference.get();
      if (loader == null) {
        loader = new AdapterClassLoader(library, agent);
        opener.accept(loader.getUnnamedModule());
        adapters.put(key, new WeakReference<>(loader));
      }
      return loader;
    }
  }
}
