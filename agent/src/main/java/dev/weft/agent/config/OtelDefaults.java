package dev.weft.agent.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What OpenTelemetry's settings already say about the service; empty where they are silent.
 *
 * @see <a
 *     href="https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable">
 *     Resource information in environment variables</a>
 */
record OtelDefaults(String service, String namespace, String version) {
  static final OtelDefaults NONE = new OtelDefaults("", "", "");

  static OtelDefaults of(Map<String, String> properties, Map<String, String> environment) {
    Map<String, String> attributes =
        attributes(
            properties.getOrDefault(
                "otel.resource.attributes",
                environment.getOrDefault("OTEL_RESOURCE_ATTRIBUTES", "")));
    String name =
        properties.getOrDefault(
            "otel.service.name", environment.getOrDefault("OTEL_SERVICE_NAME", ""));
    return new OtelDefaults(
        name.isBlank() ? attributes.getOrDefault("service.name", "") : name.strip(),
        attributes.getOrDefault("service.namespace", ""),
        attributes.getOrDefault("service.version", ""));
  }

  private static Map<String, String> attributes(String text) {
    Map<String, String> attributes = new HashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        attributes.put(
            part.substring(0, equals).strip(), decoded(part.substring(equals + 1).strip()));
      }
    }
    return attributes;
  }

  private static String decoded(String value) {
    try {
      // Percent coding only: a plus sign is a plus sign here.
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return value;
    }
  }
}
