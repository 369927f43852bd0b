package dev.weft.agent.identity;

import io.netty.internal.tcnative.Library;
import io.netty.internal.tcnative.SSL;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * BoringSSL, as netty-tcnative packs it: a native library inside the agent's jar, which must become
 * a file before the JVM can load it. Loaded at most once. Thread-safe.
 */
final class OpenSslLibrary {
  private static final class Loaded {
    static final @Nullable String PROBLEM = load();
  }

  private OpenSslLibrary() {}

  /** Loads it if that has not been tried; null: it is there, else why not. */
  static @Nullable String problem() {
    return Loaded.PROBLEM;
  }

  /** For people; only when there is no {@link #problem}. */
  static String version() {
    return SSL.versionString();
  }

  private static @Nullable String load() {
    String platform = platform();
    String resource = "META-INF/native/libnetty_tcnative_" + platform + ".so";
    try (InputStream in = OpenSslLibrary.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return "no native library for " + platform;
      }
      File file = File.createTempFile("lib" + prefix() + "netty_tcnative", ".so");
      try {
        try (OutputStream out = new FileOutputStream(file)) {
          in.transferTo(out);
        }
        load(file);
      } finally {
        if (!file.delete()) {
          file.deleteOnExit();
        }
      }
      return Library.initialize("provided", null) ? null : "it does not initialise";
    } catch (IOException e) {
      return "cannot be unpacked: " + e.getMessage();
    } catch (Exception | LinkageError e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Without the warning of JDK 24 and later (JEP 472), which only users can allow by name: to allow
   * it for our classes, which are in no named module, would be to allow it for the application's.
   */
  private static void load(File file) {
    if (Runtime.version().feature() < 24) {
      System.load(file.getPath());
      return;
    }
    try {
      MethodHandles.privateLookupIn(Runtime.class, MethodHandles.lookup())
          .findVirtual(
              Runtime.class, "load0", MethodType.methodType(void.class, Class.class, String.class))
          .invoke(Runtime.getRuntime(), OpenSslLibrary.class, file.getPath());
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new UnsatisfiedLinkError("the JDK does not let us: " + e);
    }
  }

  private static String platform() {
    String system = property("os.name").startsWith("linux") ? "linux" : property("os.name");
    String machine =
        switch (property("os.arch")) {
          case "amd64", "x86_64", "x86-64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch_64";
          default -> property("os.arch");
        };
    return system + "_" + machine;
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown").toLowerCase(Locale.ROOT);
  }

  /**
   * The native code learns from its file's name below which package its classes have been moved.
   * The exclamation marks keep the mover from changing this name too.
   */
  private static String prefix() {
    String original = "io!netty!internal!tcnative".replace('!', '.');
    String moved = Library.class.getPackageName();
    return moved.substring(0, moved.length() - original.length()).replace('.', '_');
  }
}
