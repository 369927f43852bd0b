package dev.weft.premain;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.JarURLConnection;
import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The agent's entry. Here be restraint: no logging framework, no {@code java.nio.file}, no JMX,
 * nothing on stdout, nothing that could fail the application. Compiled for Java 8, so that it can
 * refuse politely.
 */
public final class WeftAgent {
  private static final int OLDEST = 17;

  /** In the order in which they can be defined: a class after what it extends. */
  static final String[] BOOTSTRAP = {
    "dev.weft.bootstrap.Raw",
    "dev.weft.bootstrap.WireSession",
    "dev.weft.bootstrap.WireHooks",
    "dev.weft.bootstrap.Wire",
    "dev.weft.bootstrap.Refused",
    "dev.weft.bootstrap.Guard",
    "dev.weft.bootstrap.AsynchronousWire",
    "dev.weft.bootstrap.Farewell",
    "dev.weft.bootstrap.MeshHandshakeException",
    "dev.weft.bootstrap.AdviceDispatch$Resolver",
    "dev.weft.bootstrap.AdviceDispatch",
    "dev.weft.bootstrap.AgentClassLoader$Entry",
    "dev.weft.bootstrap.AgentClassLoader$Entries",
    "dev.weft.bootstrap.AgentClassLoader",
    "dev.weft.bootstrap.AgentStart",
  };

  private static boolean started;

  private WeftAgent() {}

  /** Called by the JVM before the application's main. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation);
  }

  /** Attaching to a running JVM is the same, for the connections that are made from then on. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation);
  }

  private static synchronized void start(String arguments, Instrumentation instrumentation) {
    if (started) {
      System.err.println("weft WARN the agent is loaded already; this one does nothing");
      return;
    }
    started = true;
    String version = version();
    if (feature(version) < OLDEST) {
      System.err.println(
          "weft WARN needs Java "
              + OLDEST
              + " or newer, this is "
              + version
              + "; the application runs without the mesh");
      return;
    }
    try {
      launch(arguments == null ? "" : arguments, instrumentation);
    } catch (InvocationTargetException e) {
      refuse(e.getCause());
    } catch (Throwable e) {
      refuse(e);
    }
  }

  /** A start that policy or settings refuse stops the JVM: running on would be a silent bypass. */
  private static void refuse(Throwable e) {
    if (e instanceof IllegalArgumentException) {
      System.err.println("weft ERROR " + e.getMessage());
      System.exit(1);
    }
    System.err.println("weft ERROR the agent could not start: " + e);
    e.printStackTrace();
    System.exit(1);
  }

  private static void launch(String arguments, Instrumentation instrumentation) throws Exception {
    File jar = jar();
    boolean confined = System.getSecurityManager() != null;
    Class<?> start =
        confined ? appendBootstrap(jar, instrumentation) : defineBootstrap(jar, instrumentation);
    start
        .getMethod("start", File.class, String.class, Instrumentation.class)
        .invoke(null, jar, arguments, instrumentation);
  }

  /**
   * By the protection domain, which a security manager may deny us; our own jar we may read, but
   * the JDK loads classes of its own to do it.
   */
  private static File jar() throws Exception {
    if (System.getSecurityManager() == null) {
      CodeSource source = WeftAgent.class.getProtectionDomain().getCodeSource();
      if (source != null && "file".equals(source.getLocation().getProtocol())) {
        return new File(source.getLocation().toURI());
      }
    }
    URL self = WeftAgent.class.getResource("WeftAgent.class");
    return new File(((JarURLConnection) self.openConnection()).getJarFileURL().toURI());
  }

  /**
   * The bridge in the bootstrap loader under a security manager: what {@link #defineBootstrap}
   * needs is denied to us, and only a class of that loader can give us more permissions.
   */
  private static Class<?> appendBootstrap(File jar, Instrumentation instrumentation)
      throws Exception {
    instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(jar));
    return Class.forName(BOOTSTRAP[BOOTSTRAP.length - 1]);
  }

  /**
   * Defines the bridge in the bootstrap loader, class by class. The usual way, {@code
   * appendToBootstrapClassLoaderSearch}, switches class data sharing off for the application's own
   * classes, and the JVM says so on stderr, on 17 as on 25.
   */
  private static Class<?> defineBootstrap(File jar, Instrumentation instrumentation)
      throws Exception {
    // Reached by reflection because this class is compiled for Java 8.
    Method getModule = Class.class.getMethod("getModule");
    Object base = getModule.invoke(Object.class);
    Object mine = getModule.invoke(WeftAgent.class);
    Class<?> module = Class.forName("java.lang.Module");
    Instrumentation.class
        .getMethod("redefineModule", module, Set.class, Map.class, Map.class, Set.class, Map.class)
        .invoke(
            instrumentation,
            base,
            Collections.emptySet(),
            exports("jdk.internal.access", mine),
            Collections.emptyMap(),
            Collections.emptySet(),
            Collections.emptyMap());
    Object access =
        Class.forName("jdk.internal.access.SharedSecrets")
            .getMethod("getJavaLangAccess")
            .invoke(null);
    Method define =
        Class.forName("jdk.internal.access.JavaLangAccess")
            .getMethod(
                "defineClass",
                ClassLoader.class,
                String.class,
                byte[].class,
                ProtectionDomain.class,
                String.class);
    Class<?> last = null;
    JarFile opened = new JarFile(jar, false);
    try {
      for (String name : BOOTSTRAP) {
        last = (Class<?>) define.invoke(access, null, name, bytes(opened, name), null, null);
      }
    } finally {
      opened.close();
    }
    return last;
  }

  private static Map<String, Set<Object>> exports(String packageName, Object to) {
    Map<String, Set<Object>> exports = new HashMap<String, Set<Object>>();
    exports.put(packageName, Collections.singleton(to));
    return exports;
  }

  private static byte[] bytes(JarFile jar, String name) throws IOException {
    String path = name.replace('.', '/') + ".class";
    JarEntry entry = jar.getJarEntry(path);
    if (entry == null) {
      throw new IOException("the agent's jar lacks " + path);
    }
    InputStream in = jar.getInputStream(entry);
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    } finally {
      in.close();
    }
  }

  /** Of the running Java. */
  private static String version() {
    try {
      return System.getProperty("java.version");
    } catch (SecurityException denied) {
      try {
        return String.valueOf(Runtime.class.getMethod("version").invoke(null));
      } catch (ReflectiveOperationException e) {
        return "1.8"; // or older: there is no such method before 9
      }
    }
  }

  /** {@code 1.8.0_402} is 8, {@code 17.0.2} is 17, {@code 26-ea} is 26. */
  static int feature(String version) {
    String[] parts = version.split("[^0-9]");
    int first = Integer.parseInt(parts[0]);
    return first == 1 && parts.length > 1 ? Integer.parseInt(parts[1]) : first;
  }
}
