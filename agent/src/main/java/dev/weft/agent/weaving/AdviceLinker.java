package dev.weft.agent.weaving;

import dev.weft.agent.log.Log;
import dev.weft.agent.privilege.Privileges;
import dev.weft.bootstrap.AdviceDispatch;
import dev.weft.bootstrap.AgentClassLoader;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the advice for a woven call site, in the adapter loader of the woven class's loader. Should
 * that fail although {@link HookCheck} let the class be woven (a closed package, say), the call
 * sites become empty and the instrumentation is listed as off: the application runs on, and the
 * wire layer refuses what can no longer be checked. Adapter loaders are held by the call sites that
 * use them, so they go when the application's loader goes. Thread-safe.
 */
public final class AdviceLinker extends AdviceDispatch.Resolver {
  private final AgentClassLoader agent;
  private final Recordings recordings;
  private final Packages packages;
  private final Hooks hooks;
  private final Log log;
  private final Map<String, Instrumentation> byAdvice = new HashMap<>();
  private final Map<ClassLoader, WeakReference<AdapterClassLoader>> adapters = new WeakHashMap<>();

  /** A linker of the given instrumentations. */
  public AdviceLinker(
      Iterable<Instrumentation> instrumentations,
      AgentClassLoader agent,
      Recordings recordings,
      Packages packages,
      Hooks hooks,
      Log log) {
    this.agent = agent;
    this.recordings = recordings;
    this.packages = packages;
    this.hooks = hooks;
    this.log = log;
    for (Instrumentation instrumentation : instrumentations) {
      for (TypeWeave type : instrumentation.types()) {
        for (Weave weave : type.weaves()) {
          byAdvice.put(weave.adviceClass(), instrumentation);
        }
      }
    }
  }

  @Override
  public CallSite resolve(
      MethodHandles.Lookup caller, String method, MethodType type, String adviceClass) {
    return Privileges.with(() -> link(caller, method, type, adviceClass));
  }

  private CallSite link(
      MethodHandles.Lookup caller, String method, MethodType type, String adviceClass) {
    Instrumentation instrumentation = byAdvice.get(adviceClass);
    String name = instrumentation == null ? adviceClass : instrumentation.name();
    if (hooks.isOff(name)) {
      return new ConstantCallSite(MethodHandles.empty(type)); // it has failed before
    }
    try {
      AdapterClassLoader loader = adapterLoader(caller.lookupClass().getClassLoader());
      if (instrumentation != null) {
        prepare(instrumentation, loader);
      }
      return new ConstantCallSite(find(loader, adviceClass, method, type).asType(type));
    } catch (Exception | LinkageError e) {
      Throwable cause = e instanceof ExceptionInInitializerError ? e.getCause() : e;
      hooks.off(name, caller.lookupClass().getName() + ": " + cause);
      log.error(
          "hook off name="
              + name
              + " class="
              + caller.lookupClass().getName()
              + " reason="
              + cause);
      return new ConstantCallSite(MethodHandles.empty(type));
    }
  }

  private void prepare(Instrumentation instrumentation, AdapterClassLoader loader)
      throws ClassNotFoundException {
    synchronized (loader) {
      if (loader.prepared(instrumentation.name())) {
        return;
      }
      instrumentation
          .opens()
          .forEach((module, names) -> packages.open(module, names, loader.getUnnamedModule()));
      for (String start : recordings.of(instrumentation.name()).starts()) {
        Class.forName(start, true, loader);
      }
    }
  }

  private static MethodHandle find(
      ClassLoader loader, String adviceClass, String name, MethodType type)
      throws ReflectiveOperationException {
    for (Method each : Class.forName(adviceClass, true, loader).getMethods()) {
      if (each.getName().equals(name) && each.getParameterCount() == type.parameterCount()) {
        return MethodHandles.publicLookup().unreflect(each);
      }
    }
    throw new NoSuchMethodException(adviceClass + "." + name + type);
  }

  private AdapterClassLoader adapterLoader(@Nullable ClassLoader library) {
    ClassLoader key = library == null ? ClassLoader.getPlatformClassLoader() : library;
    synchronized (adapters) {
      WeakReference<AdapterClassLoader> reference = adapters.get(key);
      AdapterClassLoader loader = reference == null ? null : reference.get();
      if (loader == null) {
        loader = new AdapterClassLoader(key, agent);
        adapters.put(key, new WeakReference<>(loader));
      }
      return loader;
    }
  }
}
