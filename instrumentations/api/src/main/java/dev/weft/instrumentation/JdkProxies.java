package dev.weft.instrumentation;

import java.io.IOException;
import java.io.Reader;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Tells without allocating that the JDK's own proxy selector has nothing to select, as in most
 * applications: adapters must ask about a proxy for each request, and asking the selector takes a
 * {@code URI} and more. Properties are read anew each time, as that selector does. Thread-safe.
 */
public final class JdkProxies {
  private static final String SELECTOR = "sun.net.spi.DefaultProxySelector";
  private static final String OF_THE_SYSTEM = "java.net.useSystemProxies";

  /** What it looks at for {@code http}, in {@code sun.net.NetProperties} of JDK 17 to 25. */
  private static final List<String> HOSTS =
      List.of("http.proxyHost", "proxyHost", "socksProxyHost");

  /** Whether the JDK's configuration says nothing, as it comes. */
  private static final boolean DEFAULTS = plain(configuration());

  private JdkProxies() {}

  /**
   * Whether the selector is the JDK's and would send every request of {@code http} directly.
   *
   * @return false: it must be asked
   */
  public static boolean none(@Nullable ProxySelector selector) {
    return selector != null
        && selector.getClass().getName().equals(SELECTOR)
        && DEFAULTS
        && plain(System.getProperties());
  }

  private static boolean plain(@Nullable Properties properties) {
    if (properties == null) {
      return false;
    }
    for (int i = 0; i < HOSTS.size(); i++) { // without an iterator: each request asks
      if (properties.getProperty(HOSTS.get(i)) != null) {
        return false;
      }
    }
    return !Boolean.parseBoolean(properties.getProperty(OF_THE_SYSTEM));
  }

  /** Null: nobody knows. */
  private static @Nullable Properties configuration() {
    Properties defaults = new Properties();
    try (Reader file =
        Files.newBufferedReader(
            Path.of(System.getProperty("java.home", ""), "conf", "net.properties"))) {
      defaults.load(file);
      return defaults;
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }
}
