package dev.weft.agent.weaving;

import dev.weft.agent.bypass.Bypasses;
import dev.weft.agent.log.Log;
import dev.weft.agent.privilege.Privileges;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one transformer: a hash lookup of the class's name for every class, and one of its last part
 * for the few that libraries carry copies of; Byte Buddy only on a hit. There are no hierarchy
 * matchers and no scan of loaded classes. Thread-safe.
 */
public final class Weaver implements ClassFileTransformer {
  private final Map<String, Weaving> byName = new HashMap<>();

  /** By the last part of their names. */
  private final Map<String, List<RelocatedWeaving>> relocated = new HashMap<>();

  private final Map<String, JdkWeaving> jdk = JdkWeaves.of(JdkClasses.RUNNING);
  private final HookCheck check;
  private final Hooks hooks;
  private final Bypasses bypasses;
  private final Log log;

  /** Of a type that libraries carry copies of: {@code suffix} is its name after their package. */
  private record RelocatedWeaving(String suffix, Weaving weaving) {}

  /** A weaver of the JDK's sockets and of the instrumentations that are not switched off. */
  public Weaver(
      Iterable<Instrumentation> instrumentations,
      Set<String> switchedOff,
      Recordings recordings,
      Hooks hooks,
      Bypasses bypasses,
      Log log) {
    this.check = new HookCheck(recordings, hooks, log);
    this.hooks = hooks;
    this.bypasses = bypasses;
    this.log = log;
    jdk.forEach((type, weaving) -> byName.put(type.replace('.', '/'), weaving));
    for (Instrumentation instrumentation : instrumentations) {
      if (switchedOff.contains(instrumentation.name())) {
        hooks.off(instrumentation.name(), "switched off by settings");
        continue;
      }
      for (TypeWeave weave : instrumentation.types()) {
        String name = weave.type().replace('.', '/');
        Weaving weaving = new LibraryWeaving(instrumentation, weave);
        byName.put(name, weaving);
        if (weave.copies() == TypeWeave.Copies.RELOCATED) {
          relocated
              .computeIfAbsent(simpleName(name), missing -> new ArrayList<>())
              .add(new RelocatedWeaving("/" + name, weaving));
        }
      }
    }
  }

  /**
   * Installs the transformer and weaves the JDK's sockets now, loaded or not.
   *
   * @throws IllegalStateException when one of them could not be woven: the seam would have a hole
   */
  public void install(java.lang.instrument.Instrumentation instrumentation) {
    instrumentation.addTransformer(this, true);
    try {
      instrumentation.retransformClasses(loadedBefore());
    } catch (UnmodifiableClassException e) {
      throw new IllegalStateException("this JDK's sockets cannot be woven", e);
    }
    for (String name : jdk.keySet()) {
      if (!hooks.isWoven(name)) {
        throw new IllegalStateException(
            "this JDK's " + name + " could not be woven: " + hooks.off().get(JdkWeaving.HOOK));
      }
    }
  }

  /**
   * Those of the JDK's sockets that were not woven as they were loaded. All are woven again at
   * once: each time stops the application's threads and throws compiled code away.
   */
  private Class<?>[] loadedBefore() {
    List<Class<?>> loaded = new ArrayList<>();
    for (String name : jdk.keySet()) {
      try {
        Class<?> type = Class.forName(name, false, null);
        if (!hooks.isWoven(name)) {
          loaded.add(type);
        }
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("this JDK has no " + name, e);
      }
    }
    return loaded.toArray(new Class<?>[0]);
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String className,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain,
      byte[] bytes) {
    if (className == null) {
      return null;
    }
    String simpleName = simpleName(className);
    bypasses.loading(className, simpleName);
    Weaving weaving = weaving(className, simpleName);
    if (weaving == null || hooks.isOff(weaving.hook())) {
      return null;
    }
    HookCheck.Loading loading = new HookCheck.Loading(loader, className.replace('/', '.'), domain);
    return Privileges.with(() -> weave(weaving, loading, bytes));
  }

  private byte @Nullable [] weave(Weaving weaving, HookCheck.Loading loading, byte[] bytes) {
    String name = loading.className();
    try {
      if (!weaving.fits(check, loading, bytes)) {
        return null;
      }
      byte[] woven = weaving.weave(name, loading.loader(), bytes);
      hooks.woven(name, weaving.hook());
      return woven;
    } catch (Throwable e) {
      hooks.off(weaving.hook(), name + ": " + e);
      log.error("hook off name=" + weaving.hook() + " class=" + name + " reason=" + e);
      return null;
    }
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('/') + 1);
  }

  private @Nullable Weaving weaving(String className, String simpleName) {
    Weaving weaving = byName.get(className);
    if (weaving != null) {
      return weaving;
    }
    for (RelocatedWeaving each : relocated.getOrDefault(simpleName, List.of())) {
      if (className.endsWith(each.suffix())) {
        return each.weaving();
      }
    }
    return null;
  }
}
