package dev.weft.agent.weaving;

import dev.weft.agent.log.Log;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one transformer: a hash lookup of the class's name for every class, Byte Buddy only on a hit.
 * There are no hierarchy matchers and no scan of loaded classes. Thread-safe.
 */
public final class Weaver implements ClassFileTransformer {
  private final Map<String, Weaving> byName = new HashMap<>();
  private final Map<String, JdkWeaving> jdk = JdkWeaves.of(JdkClasses.RUNNING);
  private final Hooks hooks;
  private final Log log;

  /** A weaver of the JDK's sockets and of the instrumentations that are not switched off. */
  public Weaver(
      Iterable<Instrumentation> instrumentations, Set<String> switchedOff, Hooks hooks, Log log) {
    this.hooks = hooks;
    this.log = log;
    jdk.forEach((type, weaving) -> byName.put(type.replace('.', '/'), weaving));
    for (Instrumentation instrumentation : instrumentations) {
      if (switchedOff.contains(instrumentation.name())) {
        hooks.off(instrumentation.name(), "switched off by settings");
        continue;
      }
      for (TypeWeave weave : instrumentation.types()) {
        byName.put(
            weave.type().replace('.', '/'), new LibraryWeaving(instrumentation.name(), weave));
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
    for (String name : jdk.keySet()) {
      try {
        Class<?> type = Class.forName(name, false, null);
        if (!hooks.isWoven(name)) {
          instrumentation.retransformClasses(type);
        }
      } catch (ClassNotFoundException | UnmodifiableClassException e) {
        throw new IllegalStateException("this JDK's " + name + " cannot be woven", e);
      }
      if (!hooks.isWoven(name)) {
        throw new IllegalStateException(
            "this JDK's " + name + " could not be woven: " + hooks.off().get(JdkWeaving.HOOK));
      }
    }
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
    Weaving weaving = byName.get(className);
    if (weaving == null || hooks.isOff(weaving.hook())) {
      return null;
    }
    String name = className.replace('/', '.');
    try {
      byte[] woven = weaving.weave(name, loader, bytes);
      hooks.woven(name, weaving.hook());
      return woven;
    } catch (Throwable e) {
      hooks.off(weaving.hook(), name + ": " + e);
      log.error("hook off name=" + weaving.hook() + " class=" + name + " reason=" + e);
      return null;
    }
  }
}
