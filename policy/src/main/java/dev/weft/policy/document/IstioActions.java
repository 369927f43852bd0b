package dev.weft.policy.document;

import dev.weft.policy.RouteActions.Cors;
import dev.weft.policy.RouteActions.DirectAnswer;
import dev.weft.policy.RouteActions.PathChange;
import dev.weft.policy.RouteActions.PathChangeKind;
import dev.weft.policy.RouteActions.Redirect;
import dev.weft.policy.RouteMatch.TextMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** What a rule of a {@code VirtualService} answers by itself. Immutable. */
record IstioActions(
    Optional<Redirect> redirect, Optional<DirectAnswer> answer, Optional<Cors> cors) {
  private static final int MAX_PORT = 65_535;
  private static final int MOVED = 301;
  private static final int MAX_BODY = 1 << 20;

  /** As in {@link Redirect#port}: the port of the scheme that the answer will name. */
  private static final int PORT_OF_SCHEME = 0;

  private static final List<Integer> REDIRECTS = List.of(301, 302, 303, 307, 308);

  /** Reads the fields of a rule. */
  static IstioActions read(Fields rule) {
    return new IstioActions(
        rule.object("redirect").flatMap(IstioActions::redirect),
        rule.object("directResponse").flatMap(IstioActions::answer),
        rule.object("corsPolicy").map(IstioActions::cors));
  }

  private static Optional<Redirect> redirect(Fields fields) {
    Optional<String> uri = fields.text("uri").filter(text -> !text.isEmpty());
    Optional<String> authority = fields.text("authority").filter(text -> !text.isEmpty());
    Optional<String> scheme = fields.choice("scheme", List.of("http", "https"));
    Optional<Integer> port = fields.number("port", 1, MAX_PORT);
    Optional<String> derive =
        fields.choice("derivePort", List.of("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"));
    int status = fields.number("redirectCode", 300, 399).orElse(MOVED);
    fields.finish();
    if (!REDIRECTS.contains(status)) {
      fields.problem(Code.BAD_VALUE, "redirectCode", "expected one of 301, 302, 303, 307, 308");
    }
    if (port.isPresent() && derive.isPresent()) {
      fields.problem(Code.BAD_VALUE, "port and derivePort exclude each other");
    }
    if (uri.isEmpty() && authority.isEmpty() && scheme.isEmpty() && port.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "one of uri, authority, scheme and port is needed");
    }
    if (uri.isPresent() && uri.get().contains("%PREFIX()%")) {
      fields.notSupported("uri");
    }
    // Istio's default keeps the port where the host stays, and drops it where the host changes.
    boolean ofScheme =
        derive.equals(Optional.of("FROM_PROTOCOL_DEFAULT"))
            || (derive.isEmpty() && port.isEmpty() && authority.isPresent() && scheme.isEmpty());
    return Optional.of(
        new Redirect(
            scheme,
            authority,
            ofScheme ? Optional.of(PORT_OF_SCHEME) : port,
            uri.map(path -> new PathChange(PathChangeKind.FULL, "", path)),
            status));
  }

  private static Optional<DirectAnswer> answer(Fields fields) {
    Optional<Integer> status = fields.number("status", 200, 599);
    if (!fields.has("status")) {
      fields.problem(Code.MISSING_FIELD, "field \"status\" is missing");
    }
    String body = fields.object("body").map(IstioActions::body).orElse("");
    fields.finish();
    return status.map(code -> new DirectAnswer(code, body));
  }

  private static String body(Fields fields) {
    Optional<String> text = fields.text("string");
    Optional<String> bytes = fields.text("bytes");
    fields.finish();
    if (text.isPresent() == bytes.isPresent()) {
      fields.problem(Code.BAD_VALUE, "expected one of string and bytes");
      return "";
    }
    String body = text.orElse("");
    if (bytes.isPresent()) {
      try {
        body = new String(Base64.getDecoder().decode(bytes.get()), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        fields.problem(Code.BAD_VALUE, "bytes", "not Base64: " + e.getMessage());
      }
    }
    if (body.length() > MAX_BODY) {
      fields.problem(Code.BAD_VALUE, "longer than " + MAX_BODY + " characters");
    }
    return body;
  }

  private static Cors cors(Fields fields) {
    List<String> origins = new ArrayList<>();
    List<TextMatch> patterns = new ArrayList<>();
    fields.texts("allowOrigin").forEach(text -> origins.add(text.value()));
    for (Fields item : fields.objects("allowOrigins")) {
      TextMatch match = IstioFields.text(item);
      if (match.kind() == ValueKind.EXACT) {
        origins.add(match.value());
      } else if (match.kind() == ValueKind.PRESENT) {
        item.problem(Code.MISSING_FIELD, "one of exact, prefix and regex is needed");
      } else {
        patterns.add(match);
      }
    }
    List<String> methods = values(fields, "allowMethods");
    List<String> headers = values(fields, "allowHeaders");
    List<String> exposed = values(fields, "exposeHeaders");
    Optional<Duration> maxAge = IstioFields.durationOrZero(fields, "maxAge");
    boolean credentials = fields.flag("allowCredentials").orElse(false);
    boolean ignored =
        fields
            .choice("unmatchedPreflights", List.of("UNSPECIFIED", "FORWARD", "IGNORE"))
            .equals(Optional.of("IGNORE"));
    fields.finish();
    return new Cors(
        List.copyOf(origins),
        List.copyOf(patterns),
        methods,
        headers,
        exposed,
        credentials,
        maxAge,
        ignored ? Optional.empty() : Optional.of(true));
  }

  private static List<String> values(Fields fields, String name) {
    return fields.texts(name).stream().map(Fields.Text::value).toList();
  }
}
