package dev.weft.policy.document;

import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.TextMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the {@code HTTPMatchRequest}s of a {@code VirtualService}. */
final class IstioMatchReader {
  private static final int MAX_PORT = 65_535;
  private static final List<String> PSEUDO_HEADERS =
      List.of("uri", "scheme", "method", "authority");

  private IstioMatchReader() {}

  /** A match; empty when it is for gateways only, where it never holds in the mesh. */
  static Optional<Spec.MatchSpec> read(Fields fields) {
    Place place = fields.place();
    fields.text("name");
    fields.notEnforced("statPrefix");
    boolean ignoreCase = fields.flag("ignoreUriCase").orElse(false);
    Optional<PathMatch> path =
        fields.object("uri").flatMap(uri -> path(IstioFields.text(uri), uri, ignoreCase));
    Optional<TextMatch> scheme = text(fields, "scheme");
    Optional<TextMatch> method = text(fields, "method");
    Optional<TextMatch> authority = text(fields, "authority").map(IstioMatchReader::withoutPort);
    List<NamedMatch> headers = named(fields, "headers");
    List<NamedMatch> withoutHeaders = named(fields, "withoutHeaders");
    List<NamedMatch> queryParams = named(fields, "queryParams");
    Optional<Integer> port = fields.number("port", 1, MAX_PORT);
    Client client = Client.read(fields);
    fields.finish();
    boolean plainMethod = method.isPresent() && method.get().kind() == ValueKind.EXACT;
    RouteMatch match =
        new RouteMatch(
            path,
            plainMethod ? method.map(TextMatch::value) : Optional.empty(),
            headers,
            queryParams,
            withoutHeaders,
            authority,
            scheme,
            plainMethod ? Optional.empty() : method,
            client.labels(),
            List.of());
    return client.inMesh()
        ? Optional.of(new Spec.MatchSpec(match, port, client.namespace(), place))
        : Optional.empty();
  }

  /**
   * Whom a match is for; requests and connections say it alike.
   *
   * @param inMesh whether it is for workloads at all, or for gateways only
   */
  record Client(Map<String, String> labels, Optional<String> namespace, boolean inMesh) {
    static Client read(Fields fields) {
      Map<String, String> labels = Map.copyOf(fields.textMap("sourceLabels"));
      Optional<String> namespace = fields.text("sourceNamespace").filter(text -> !text.isEmpty());
      List<String> gateways = fields.texts("gateways").stream().map(Fields.Text::value).toList();
      boolean mesh = gateways.isEmpty() || gateways.contains(VirtualServiceReader.MESH);
      if (!mesh) {
        fields.problem(
            Code.NOT_THE_MESH, "gateways", "a match for gateways never holds in the mesh");
      }
      return new Client(labels, namespace, mesh);
    }
  }

  private static Optional<PathMatch> path(TextMatch uri, Fields fields, boolean ignoreCase) {
    Optional<Boolean> anyCase = ignoreCase ? Optional.of(true) : Optional.empty();
    boolean literal = uri.kind() == ValueKind.EXACT || uri.kind() == ValueKind.PREFIX;
    if (literal && !uri.value().startsWith("/")) {
      fields.problem(
          Code.BAD_VALUE, "expected a path that starts with /, found \"" + uri.value() + "\"");
    }
    return switch (uri.kind()) {
      case EXACT -> Optional.of(new PathMatch(PathKind.EXACT, uri.value(), anyCase));
      // Istio minds case in expressions whatever the flag says.
      case REGEX -> Optional.of(new PathMatch(PathKind.REGEX, uri.value()));
      case PREFIX ->
          uri.value().equals("/") // every path, which the model says by saying nothing
              ? Optional.empty()
              : Optional.of(new PathMatch(PathKind.TEXT_PREFIX, uri.value(), anyCase));
      case PRESENT -> Optional.empty();
    };
  }

  private static Optional<TextMatch> text(Fields fields, String name) {
    return fields
        .object(name)
        .map(IstioFields::text)
        .filter(match -> match.kind() != ValueKind.PRESENT);
  }

  /** The model compares hosts without their port. */
  private static TextMatch withoutPort(TextMatch authority) {
    return authority.kind() == ValueKind.EXACT
        ? new TextMatch(ValueKind.EXACT, authority.value().replaceFirst(":[0-9]{1,5}$", ""))
        : authority;
  }

  private static List<NamedMatch> named(Fields fields, String name) {
    boolean headers = !name.equals("queryParams");
    List<NamedMatch> matches = new ArrayList<>();
    fields
        .objectMap(name)
        .forEach(
            (key, value) -> {
              TextMatch match = IstioFields.text(value);
              if (headers && !Names.isHeader(key.value())) {
                fields.problem(
                    Code.BAD_VALUE, key, "cannot be the name of a header: \"" + key.value() + "\"");
              } else if (headers && PSEUDO_HEADERS.contains(key.value().toLowerCase(Locale.ROOT))) {
                fields.problem(
                    Code.NOT_ENFORCED,
                    key,
                    "matches a header of this name; the request's "
                        + key.value()
                        + " has a field of its own");
              }
              matches.add(new NamedMatch(key.value(), match.kind(), match.value()));
            });
    return List.copyOf(matches);
  }
}
