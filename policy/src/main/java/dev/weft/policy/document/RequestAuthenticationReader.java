package dev.weft.policy.document;

import dev.weft.policy.JwtRule;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads Istio {@code RequestAuthentication}s. */
final class RequestAuthenticationReader {
  private static final int LONGEST_URI = 2048;
  private static final Pattern COOKIE = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}");

  private RequestAuthenticationReader() {}

  static Spec read(Fields document, Metadata metadata) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFields();
    Spec.Attachment attachment = Attachments.read(fields, metadata);
    List<Spec.JwtSource> rules = new ArrayList<>();
    for (Fields rule : fields.objects("jwtRules")) {
      rules.add(rule(rule));
    }
    if (rules.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "judges no tokens; expected jwtRules");
    }
    fields.finish();
    return new Spec.RequestAuthenticationSpec(attachment, List.copyOf(rules));
  }

  private static Spec.JwtSource rule(Fields fields) {
    fields.refuseEmptyFields();
    String issuer = fields.requiredText("issuer");
    if (fields.has("issuer") && issuer.isEmpty()) {
      fields.problem(Code.BAD_VALUE, "issuer", "an empty text names nobody");
    }
    String jwks = jwks(fields);
    String uri = jwksUri(fields);
    if (!jwks.isEmpty() && !uri.isEmpty()) {
      fields.problem(Code.BAD_VALUE, "jwks", "a rule has jwks or jwksUri, never both");
    }
    boolean without = !fields.has("jwks") && uri.isEmpty();
    if (without && !fields.has("jwksUri") && !fields.has("jwks_uri")) {
      fields.problem(
          Code.NO_KEYS,
          "has neither jwks nor jwksUri, and keys are not discovered from the issuer; its tokens"
              + " are refused");
    }
    Optional<Duration> timeout = timeout(fields);
    JwtRule rule =
        new JwtRule(
            "",
            issuer,
            notEmpty(fields, "audiences"),
            jwks,
            headers(fields),
            notEmpty(fields, "fromParams"),
            cookies(fields),
            fields.flag("forwardOriginalToken").orElse(false),
            header(fields, "outputPayloadToHeader"),
            claimHeaders(fields),
            notEmpty(fields, "spaceDelimitedClaims"));
    fields.finish();
    return new Spec.JwtSource(rule, uri, timeout, fields.place());
  }

  private static String jwks(Fields fields) {
    String jwks = fields.text("jwks").orElse("");
    if (!fields.has("jwks")) {
      return "";
    }
    KeySetText.problem(jwks).ifPresent(wrong -> fields.problem(Code.BAD_VALUE, "jwks", wrong));
    return jwks;
  }

  private static String jwksUri(Fields fields) {
    String name = fields.has("jwksUri") ? "jwksUri" : "jwks_uri";
    if (fields.has("jwksUri") && fields.has("jwks_uri")) {
      fields.problem(Code.BAD_VALUE, "jwks_uri", "is another name of jwksUri; use one of them");
    }
    String uri = fields.text(name).orElse("");
    if (!fields.has(name)) {
      return "";
    }
    try {
      URI parsed = new URI(uri);
      String scheme = String.valueOf(parsed.getScheme()).toLowerCase(Locale.ROOT);
      if ((scheme.equals("https") || scheme.equals("http"))
          && parsed.getHost() != null
          && parsed.getUserInfo() == null
          && uri.length() <= LONGEST_URI) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The same answer.
    }
    fields.problem(
        Code.BAD_VALUE,
        name,
        "expected an address such as https://issuer.example/keys, found \"" + uri + "\"");
    return "";
  }

  private static Optional<Duration> timeout(Fields fields) {
    Optional<Duration> timeout = fields.text("timeout").flatMap(Durations::parse);
    if (fields.has("timeout") && timeout.filter(time -> !time.isZero()).isEmpty()) {
      fields.problem(Code.BAD_VALUE, "timeout", "expected a duration such as 5s");
    }
    return timeout;
  }

  private static List<String> notEmpty(Fields fields, String name) {
    List<Fields.Text> texts = fields.texts(name);
    for (Fields.Text text : texts) {
      if (text.value().isEmpty()) {
        fields.problem(Code.BAD_VALUE, text, "an empty text means nothing here");
      }
    }
    return Patterns.values(texts);
  }

  private static List<String> cookies(Fields fields) {
    List<Fields.Text> texts = fields.texts("fromCookies");
    for (Fields.Text text : texts) {
      if (!COOKIE.matcher(text.value()).matches()) {
        fields.problem(
            Code.BAD_VALUE, text, "expected a cookie's name, found \"" + text.value() + "\"");
      }
    }
    return Patterns.values(texts);
  }

  private static List<JwtRule.Header> headers(Fields fields) {
    List<JwtRule.Header> headers = new ArrayList<>();
    for (Fields item : fields.objects("fromHeaders")) {
      headers.add(new JwtRule.Header(requiredHeader(item, "name"), item.text("prefix").orElse("")));
      item.finish();
    }
    return List.copyOf(headers);
  }

  private static List<JwtRule.ClaimHeader> claimHeaders(Fields fields) {
    List<JwtRule.ClaimHeader> headers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields item : fields.objects("outputClaimToHeaders")) {
      item.refuseEmptyFields();
      String header = requiredHeader(item, "header");
      if (!header.isEmpty() && !names.add(header.toLowerCase(Locale.ROOT))) {
        item.problem(Code.BAD_VALUE, "header", "\"" + header + "\" gets a claim already");
      }
      headers.add(new JwtRule.ClaimHeader(header, item.requiredText("claim")));
      item.finish();
    }
    return List.copyOf(headers);
  }

  private static String requiredHeader(Fields fields, String name) {
    if (!fields.has(name)) {
      fields.problem(Code.MISSING_FIELD, "field \"" + name + "\" is missing");
      return "";
    }
    return header(fields, name);
  }

  private static String header(Fields fields, String name) {
    String header = fields.text(name).orElse("");
    if (fields.has(name) && !Names.isHeader(header)) {
      fields.problem(
          Code.BAD_VALUE, name, "expected the name of a header, found \"" + header + "\"");
      return "";
    }
    return header;
  }
}
