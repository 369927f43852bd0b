package dev.weft.agent.weaving;

import dev.weft.bootstrap.AgentClassLoader;
import org.jspecify.annotations.Nullable;

/**
 * Loads the adapters for one library class loader: they see the library (through the parent) and
 * the SPI (from the agent), and nothing is injected into the application's loaders. Thread-safe.
 */
final class AdapterClassLoader extends ClassLoader {
  private static final String SPI = "dev.weft.instrumentation";

  static {
    registerAsParallelCapable();
  }

  private final AgentClassLoader agent;

  AdapterClassLoader(@Nullable ClassLoader library, AgentClassLoader agent) {
    super(library == null ? ClassLoader.getPlatformClassLoader() : library);
    this.agent = agent;
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
      return defineClass(name, bytes, 0, bytes.length);
    }
  }
}
