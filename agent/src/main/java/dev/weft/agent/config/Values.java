package dev.weft.agent.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the text of a setting becomes a value. Every method throws IllegalArgumentException with what
 * was expected; who calls adds the key and what was found.
 */
final class Values {
  private static final int DEFAULT_SERVER_PORT = 15010;
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final int MAX_WEIGHT = 1_000_000;
  private static final Pattern DURATION =
      Pattern.compile("(?:\\d{1,9}(?:\\.\\d{1,9})?(?:ms|h|m|s))+");
  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|h|m|s)");

  private Values() {}

  static boolean bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }

  /** GEP-2257 durations, and fractions: {@code 1h30m}, {@code 250ms}, {@code 0.5s}; zero is 0s. */
  static Duration duration(String text) {
    if (!DURATION.matcher(text).matches()) {
      throw new IllegalArgumentException("expected a duration such as 5s or 250ms");
    }
    Duration sum = Duration.ZERO;
    Matcher part = DURATION_PART.matcher(text);
    while (part.find()) {
      double millis =
          Double.parseDouble(part.group(1))
              * switch (part.group(2)) {
                case "h" -> 3_600_000;
                case "m" -> 60_000;
                case "s" -> 1000;
                default -> 1;
              };
      sum = sum.plusNanos(Math.round(millis * 1_000_000));
    }
    return sum;
  }

  /** A {@link #duration} that something is done every time it is over. */
  static Duration interval(String text) {
    Duration interval = duration(text);
    if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
      throw new IllegalArgumentException(
          "expected at least " + SHORTEST_INTERVAL.toMillis() + "ms");
    }
    return interval;
  }

  static <E extends Enum<E>> E choice(Class<E> type, String text) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException("expected one of " + String.join(", ", names));
  }

  static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("expected a path such as /etc/weft/token", e);
    }
  }

  static Map<String, String> labels(String text) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1 || part.substring(0, equals).isBlank()) {
        throw new IllegalArgumentException("expected labels such as version=v2,tier=gold");
      }
      String key = part.substring(0, equals).strip();
      if (labels.put(key, part.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException("label " + key + " is given twice; expected it once");
      }
    }
    return Map.copyOf(labels);
  }

  static Map<String, Integer> ports(String text) {
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      int colon = part.indexOf(':');
      int port = colon < 1 ? -1 : port(part.substring(colon + 1).strip());
      if (port < 1) {
        throw new IllegalArgumentException("expected named ports such as http:8080,admin:9090");
      }
      if (ports.put(part.substring(0, colon).strip(), port) != null) {
        throw new IllegalArgumentException("a port name is given twice; expected each once");
      }
    }
    return Map.copyOf(ports);
  }

  static int weight(String text) {
    try {
      int weight = Integer.parseInt(text);
      if (weight >= 1 && weight <= MAX_WEIGHT) {
        return weight;
      }
    } catch (NumberFormatException e) {
      // The one message below says all.
    }
    throw new IllegalArgumentException("expected a whole number from 1 to " + MAX_WEIGHT);
  }

  /** {@code https} addresses; the port is 15010 unless given. */
  static List<URI> servers(String text) {
    List<URI> servers = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      servers.add(server(part.strip()));
    }
    return List.copyOf(servers);
  }

  private static URI server(String text) {
    try {
      URI uri = new URI(text);
      String path = uri.getRawPath();
      boolean bare =
          (path == null || path.isEmpty() || path.equals("/"))
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && uri.getRawUserInfo() == null;
      if ("https".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null && bare) {
        int port = uri.getPort() < 0 ? DEFAULT_SERVER_PORT : uri.getPort();
        return new URI("https", null, uri.getHost(), port, null, null, null);
      }
    } catch (URISyntaxException e) {
      // The one message below says all.
    }
    throw new IllegalArgumentException(
        "expected addresses such as https://mesh.example:15010[,https://...]");
  }

  static String hostAndPort(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || port(text.substring(colon + 1)) < 0) {
      throw new IllegalArgumentException("expected host:port such as 127.0.0.1:15020");
    }
    return text;
  }

  /** 0 to 65535, or -1. */
  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port >= 0 && port <= 65535 ? port : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
