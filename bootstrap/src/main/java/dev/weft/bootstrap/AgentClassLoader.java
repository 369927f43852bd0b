package dev.weft.bootstrap;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.security.AllPermission;
import java.security.CodeSource;
import java.security.Permissions;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads the agent and its libraries from {@code inst/} in the agent's jar, where class files end in
 * {@code .classdata}: no application class loader can see them. Its parent is the platform loader,
 * never the application's, and is asked last: for each class of ours it would say no by an
 * exception. Thread-safe.
 */
public final class AgentClassLoader extends ClassLoader {
  private static final String PREFIX = "inst/";
  private static final String SUFFIX = ".classdata";

  /** What a start needs, in one entry: to look each class up in the jar takes longer. */
  private static final String START = PREFIX + "META-INF/weft/start";

  static {
    registerAsParallelCapable();
  }

  private static final int BUFFER = 1 << 16;

  /** All permissions: a security manager confines the application, not the mesh. */
  private static final ProtectionDomain DOMAIN = domain();

  private final JarFile jar;
  private final String base;
  private final URLStreamHandler entries = new Entries();

  /** Class files by class name, each until it is loaded, all until the agent runs. */
  private final Map<String, byte[]> start = new ConcurrentHashMap<>();

  /** A loader of the given jar. */
  public AgentClassLoader(File jar, ClassLoader parent) throws IOException {
    super(parent);
    this.jar = new JarFile(jar, false);
    this.base = "jar:" + jar.toURI() + "!/";
    JarEntry packed = this.jar.getJarEntry(START);
    if (packed == null) {
      throw new IOException("the agent's jar lacks " + START);
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(this.jar.getInputStream(packed), BUFFER))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        byte[] file = new byte[in.readInt()];
        in.readFully(file);
        start.put(name, file);
      }
    }
  }

  /** The agent runs: what is loaded from now on is read from the jar. */
  void started() {
    start.clear();
  }

  private static ProtectionDomain domain() {
    Permissions all = new Permissions();
    all.add(new AllPermission());
    return new ProtectionDomain(new CodeSource(null, (Certificate[]) null), all);
  }

  /** The bytes of a class in the agent, or null when there is no such class. */
  public byte @Nullable [] classBytes(String name) {
    byte[] packed = start.remove(name);
    if (packed != null) {
      return packed;
    }
    JarEntry entry = jar.getJarEntry(PREFIX + name.replace('.', '/') + SUFFIX);
    if (entry == null) {
      return null;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(512, (int) entry.getSize()));
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(
          "the agent's jar cannot be read any more: " + jar.getName(), e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.startsWith("java.")) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      byte[] bytes = classBytes(name);
      if (bytes != null) {
        return defineClass(name, bytes, 0, bytes.length, DOMAIN);
      }
    }
    return super.loadClass(name, resolve);
  }

  /** Read from the jar we have open, not from another that a URL would open. */
  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    JarEntry entry = jar.getJarEntry(entryOf(name));
    if (entry == null) {
      return super.getResourceAsStream(name);
    }
    try {
      return jar.getInputStream(entry);
    } catch (IOException e) {
      return null;
    }
  }

  private static String entryOf(String name) {
    return name.endsWith(".class")
        ? PREFIX + name.substring(0, name.length() - ".class".length()) + SUFFIX
        : PREFIX + name;
  }

  @Override
  protected @Nullable URL findResource(String name) {
    String entry = entryOf(name);
    if (jar.getJarEntry(entry) == null) {
      return null;
    }
    try {
      return new URL(null, base + entry, entries);
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Opens the URLs of resources from the jar we have open: the JDK's own handler would load classes
   * of its own to open it once more.
   */
  private final class Entries extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) {
      return new Entry(url);
    }
  }

  /** Of one resource. */
  private final class Entry extends URLConnection {
    Entry(URL url) {
      super(url);
    }

    @Override
    public void connect() {
      // the jar is open
    }

    @Override
    public InputStream getInputStream() throws IOException {
      String path = getURL().getFile();
      JarEntry entry = jar.getJarEntry(path.substring(path.lastIndexOf("!/") + 2));
      if (entry == null) {
        throw new FileNotFoundException(path);
      }
      return jar.getInputStream(entry);
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL url = findResource(name);
    return url == null
        ? Collections.<URL>emptyEnumeration()
        : Collections.enumeration(Collections.singleton(url));
  }
}
