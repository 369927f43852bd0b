package dev.weft.agent.weaving;

import dev.weft.bootstrap.AgentClassLoader;
import java.security.ProtectionDomain;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Loads the adapters for one library class loader: they see the library (through the parent) and
 * the SPI (from the agent), and nothing is injected into the application's loaders. Thread-safe.
 */
final class AdapterClassLoader extends ClassLoader {
  /**
   * The agent's own permissions, should a security manager ask. Found here, with them, because the
   * thread that first needs a class may lack the right to ask.
   */
  private static final ProtectionDomain OURS = AdapterClassLoader.class.getProtectionDomain();

  private static final String SPI = "dev.weft.instrumentation";

  static {
    registerAsParallelCapable();
  }

  private final AgentClassLoader agent;
  private final Set<String> prepared = ConcurrentHashMap.newKeySet();

  AdapterClassLoader(ClassLoader library, AgentClassLoader agent) {
    super(library);
    this.agent = agent;
  }

  /** True when the instrumentation has been prepared here before; marks it so. */
  boolean prepared(String instrumentation) {
    return !prepared.add(instrumentation);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith("dev.weft.")) {
      return super.loadClass(name, resolve);
    }
    String packageName = name.substring(0, name.lastIndexOf('.'));
    if (packageName.equals(SPI) || !packageName.startsWith(SPI)) {
      return agent.loadClass(name);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      byte[] bytes = agent.classBytes(name);
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      return defineClass(name, bytes, 0, bytes.length, OURS);
    }
  }
}
