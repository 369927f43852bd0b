package dev.weft.agent.weaving;

import dev.weft.agent.log.Log;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import dev.weft.members.LibraryClasses;
import dev.weft.members.MembersCheck;
import dev.weft.members.Recording;
import java.io.IOException;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/**
 * Decides, once for each class loader and before anything is woven there, whether a library has
 * what a hook needs: what the build has recorded, and a method for each advice. Where it has not,
 * nothing of that hook is woven in that loader, and the hook is listed with the reason.
 *
 * <p>Runs within the loading of a library's class. So it reads class files as resources of the
 * loader, as weaving does, and loads none of them; and it holds no lock meanwhile, because the
 * loader may hold some: two threads may decide at the same time, alike. Thread-safe.
 */
final class HookCheck {
  private static final int NAMED = 3;

  private final Recordings recordings;
  private final Hooks hooks;
  private final Log log;
  private final Map<ClassLoader, Map<String, Boolean>> decided = new WeakHashMap<>();

  HookCheck(Recordings recordings, Hooks hooks, Log log) {
    this.recordings = recordings;
    this.hooks = hooks;
    this.log = log;
  }

  /** A class that is being loaded or woven anew. */
  record Loading(
      @Nullable ClassLoader loader, String className, @Nullable ProtectionDomain domain) {

    /** Who finds the classes that it sees. */
    ClassLoader seenBy() {
      return loader == null ? ClassLoader.getPlatformClassLoader() : loader;
    }

    /** Jar or JDK, with the version that its name tells. */
    String library() {
      CodeSource source = domain == null ? null : domain.getCodeSource();
      String location =
          source == null || source.getLocation() == null ? "" : source.getLocation().toString();
      if (loader == null || location.startsWith("jrt:")) {
        return "JDK " + Runtime.version();
      }
      int end = location.lastIndexOf(".jar");
      return end < 0
          ? "library at " + location
          : location.substring(location.lastIndexOf('/', end) + 1, end + ".jar".length());
    }
  }

  /** Whether a hook may be woven where this class is loaded. */
  boolean fits(Instrumentation instrumentation, Loading loading, byte[] bytes) {
    Map<String, Boolean> ofLoader;
    synchronized (decided) {
      ofLoader = decided.computeIfAbsent(loading.seenBy(), loader -> new ConcurrentHashMap<>());
    }
    Boolean known = ofLoader.get(instrumentation.name());
    if (known != null) {
      return known;
    }
    boolean fits = decide(instrumentation, loading, bytes);
    ofLoader.put(instrumentation.name(), fits);
    return fits;
  }

  private boolean decide(Instrumentation instrumentation, Loading loading, byte[] bytes) {
    long start = System.nanoTime();
    String hook = instrumentation.name();
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(loading.className(), bytes),
            ClassFileLocator.ForClassLoader.of(loading.seenBy()));
    LibraryClasses library = new LibraryClasses(name -> bytes(locator, name));
    Recording recording = recordings.of(hook);
    List<String> missing = new ArrayList<>(withoutMethod(instrumentation, library, locator));
    missing.addAll(MembersCheck.missing(recording, library));
    if (log.debugs()) {
      log.debug(
          "hook checked name="
              + hook
              + " library="
              + loading.library()
              + " missing="
              + missing.size()
              + " classes="
              + library.filesRead()
              + " micros="
              + (System.nanoTime() - start) / 1000
              + " without="
              + MembersCheck.missingOptional(recording, library));
    }
    if (missing.isEmpty()) {
      return true;
    }
    String reason = loading.library() + ": " + text(missing);
    if (hooks.unfit(hook, reason)) {
      log.warn("hook off name=" + hook + " class=" + loading.className() + " reason=" + reason);
    }
    return false;
  }

  /** Woven types that this version has, but without a method for an advice. */
  private static List<String> withoutMethod(
      Instrumentation instrumentation, LibraryClasses library, ClassFileLocator locator) {
    List<String> missing = new ArrayList<>();
    TypePool pool =
        new TypePool.Default.WithLazyResolution(
            new TypePool.CacheProvider.Simple(), locator, TypePool.Default.ReaderMode.FAST);
    for (TypeWeave type : instrumentation.types()) {
      // Of a relocated copy only the class at hand is known; it is looked at when it is woven.
      if (type.copies() == TypeWeave.Copies.NONE && library.has(type.type())) {
        TypeDescription description = pool.describe(type.type()).resolve();
        for (Weave weave : type.weaves()) {
          if (description.getDeclaredMethods().filter(weave.method()).isEmpty()) {
            missing.add(
                type.type()
                    + " has no method "
                    + weave.method()
                    + " for "
                    + simpleName(weave.adviceClass()));
          }
        }
      }
    }
    return missing;
  }

  private static byte @Nullable [] bytes(ClassFileLocator locator, String name) {
    try {
      ClassFileLocator.Resolution resolution = locator.locate(name);
      return resolution.isResolved() ? resolution.resolve() : null;
    } catch (IOException e) {
      return null; // as a class that cannot be read cannot be loaded
    }
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  private static String text(List<String> missing) {
    int more = missing.size() - NAMED;
    return more <= 0
        ? String.join("; ", missing)
        : String.join("; ", missing.subList(0, NAMED)) + "; and " + more + " more";
  }
}
