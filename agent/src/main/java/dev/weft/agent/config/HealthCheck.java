package dev.weft.agent.config;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * How to ask an application on this machine whether it is well. Immutable.
 *
 * @param host where it listens, {@code localhost} as a rule
 * @param path what to get by HTTP: any status from 200 to 399 will do; empty: a TCP connect will do
 */
public record HealthCheck(String host, int port, String path) {

  /**
   * Reads {@code http://localhost:8080/healthz} or {@code tcp://localhost:8080}.
   *
   * @throws IllegalArgumentException with what was expected
   */
  static HealthCheck parse(String text) {
    try {
      URI uri = new URI(text);
      boolean http = "http".equals(uri.getScheme());
      boolean tcp = "tcp".equals(uri.getScheme()) && uri.getRawPath().isEmpty();
      if ((http || tcp)
          && uri.getHost() != null
          && uri.getPort() > 0
          && uri.getPort() <= 65_535
          && uri.getRawUserInfo() == null
          && uri.getRawFragment() == null) {
        return new HealthCheck(uri.getHost(), uri.getPort(), http ? target(uri) : "");
      }
    } catch (URISyntaxException e) {
      // The one message below says all.
    }
    throw new IllegalArgumentException(
        "expected a check such as http://localhost:8080/healthz or tcp://localhost:8080");
  }

  private static String target(URI uri) {
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }
}
