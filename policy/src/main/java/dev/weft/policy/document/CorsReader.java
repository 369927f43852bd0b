package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads Gateway API's {@code CORS} filter.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1767/">GEP-1767</a>
 */
final class CorsReader {
  private static final int MOST_ORIGINS = 64;
  private static final int MOST_METHODS = 9;
  private static final int LONGEST_ORIGIN = 253;

  /** Scheme, host that may begin with a star, port. */
  private static final Pattern ORIGIN =
      Pattern.compile("https?://(\\*|(\\*\\.)?[A-Za-z0-9.-]+)(:[0-9]{1,5})?");

  private CorsReader() {}

  static RouteActions.Cors read(Fields fields) {
    List<String> origins = new ArrayList<>();
    for (Fields.Text origin : fields.texts("allowOrigins")) {
      if (!origin.value().equals("*")
          && (origin.value().length() > LONGEST_ORIGIN
              || !ORIGIN.matcher(origin.value()).matches())) {
        fields.problem(
            Code.BAD_VALUE,
            origin,
            "expected an origin such as https://shop.example.com, found \""
                + origin.value()
                + "\"");
      }
      origins.add(origin.value());
    }
    List<String> methods = new ArrayList<>();
    for (Fields.Text method : fields.texts("allowMethods")) {
      if (!method.value().equals("*") && !HttpMatchReader.METHODS.contains(method.value())) {
        fields.problem(
            Code.BAD_VALUE,
            method,
            "expected one of "
                + String.join(", ", HttpMatchReader.METHODS)
                + ", *, found \""
                + method.value()
                + "\"");
      }
      methods.add(method.value());
    }
    List<String> requestHeaders = headers(fields, "allowHeaders");
    List<String> exposedHeaders = headers(fields, "exposeHeaders");
    alone(fields, "allowOrigins", origins);
    alone(fields, "allowMethods", methods);
    alone(fields, "allowHeaders", requestHeaders);
    boolean credentials = fields.flag("allowCredentials").orElse(false);
    Optional<Integer> maxAge = fields.number("maxAge", 1, Integer.MAX_VALUE);
    Portability.limit(fields, "allowOrigins", MOST_ORIGINS);
    Portability.limit(fields, "allowMethods", MOST_METHODS);
    Portability.limit(fields, "allowHeaders", MOST_ORIGINS);
    Portability.limit(fields, "exposeHeaders", MOST_ORIGINS);
    fields.finish();
    return new RouteActions.Cors(
        List.copyOf(origins),
        List.of(),
        List.copyOf(methods),
        requestHeaders,
        exposedHeaders,
        credentials,
        maxAge.map(Duration::ofSeconds),
        Optional.empty());
  }

  private static List<String> headers(Fields fields, String list) {
    List<String> headers = new ArrayList<>();
    for (Fields.Text header : fields.texts(list)) {
      if (!Names.isHeader(header.value())) {
        fields.problem(
            Code.BAD_VALUE, header, "cannot be the name of a header: \"" + header.value() + "\"");
      }
      headers.add(header.value());
    }
    return List.copyOf(headers);
  }

  private static void alone(Fields fields, String list, List<String> values) {
    if (values.size() > 1 && values.contains("*")) {
      fields.problem(Code.DOES_NOT_FIT, list, "\"*\" is everything and stands alone");
    }
  }
}
