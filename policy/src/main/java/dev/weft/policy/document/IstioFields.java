package dev.weft.policy.document;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.weft.policy.RouteMatch.TextMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Values that all of Istio's networking kinds write alike. Stateless. */
final class IstioFields {
  /** Exported to nobody; no namespace is called so. */
  private static final String NOBODY = "~";

  private static final int LONGEST_EXPRESSION = 1024;

  private IstioFields() {}

  /** The mapping {@code spec}, without which there is nothing to read. */
  static Optional<Fields> spec(Fields document) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty() && !document.has("spec")) {
      document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
    }
    return found;
  }

  /** A duration above zero. */
  static Optional<Duration> duration(Fields fields, String name) {
    Optional<Duration> duration = durationOrZero(fields, name);
    if (duration.isPresent() && duration.get().isZero()) {
      fields.problem(Code.BAD_VALUE, name, "expected a duration above zero");
      return Optional.empty();
    }
    return duration;
  }

  /** A duration. */
  static Optional<Duration> durationOrZero(Fields fields, String name) {
    Optional<String> text = fields.text(name);
    Optional<Duration> duration = text.flatMap(Durations::parse);
    if (text.isPresent() && duration.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          name,
          "expected a duration such as 250ms or 2s, found \"" + text.get() + "\"");
    }
    return duration;
  }

  /** {@code percentage: {value: 0.1}}, from 0.0 to 100.0. */
  static Optional<Double> percentage(Fields fields, String name) {
    Optional<Fields> percentage = fields.object(name);
    if (percentage.isEmpty()) {
      return Optional.empty();
    }
    Optional<Double> value = percentage.get().decimal("value", 0, 100);
    percentage.get().finish();
    // As in Istio's own format, where what is not written is zero.
    return Optional.of(value.orElse(0.0));
  }

  /** Namespaces; empty: all of them. */
  static List<String> exportTo(Fields fields, String ownNamespace) {
    List<String> namespaces = new ArrayList<>();
    boolean all = false;
    for (Fields.Text text : fields.texts("exportTo")) {
      String namespace = text.value().equals(".") ? ownNamespace : text.value();
      all |= namespace.equals("*");
      if (!namespace.equals("*") && !namespace.equals(NOBODY) && !Names.isLabel(namespace)) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "expected a namespace, \".\", \"*\" or \"~\", found \"" + text.value() + "\"");
      }
      namespaces.add(namespace);
    }
    return all ? List.of() : List.copyOf(namespaces);
  }

  /** A name of a host, in lower case: short, full, or with a star in front. */
  static String host(Fields fields, Fields.Text text) {
    String host = text.value().toLowerCase(Locale.ROOT);
    String name = host.startsWith("*.") ? host.substring(2) : host;
    if (!host.equals("*") && !Names.isSubdomain(name)) {
      fields.problem(
          Code.BAD_VALUE,
          text,
          "expected a host such as pay, pay.default.svc.cluster.local or *.example.com, found \""
              + text.value()
              + "\"");
    }
    return host;
  }

  /**
   * A {@code StringMatch}: {@code exact}, {@code prefix} or {@code regex}; none of them is the
   * presence of anything.
   */
  static TextMatch text(Fields fields) {
    List<TextMatch> found = new ArrayList<>();
    fields.text("exact").ifPresent(text -> found.add(new TextMatch(ValueKind.EXACT, text)));
    fields.text("prefix").ifPresent(text -> found.add(new TextMatch(ValueKind.PREFIX, text)));
    Optional<String> regex = fields.text("regex");
    if (regex.isPresent()) {
      checkExpression(fields, "regex", regex.get());
      found.add(new TextMatch(ValueKind.REGEX, regex.get()));
    }
    fields.finish();
    if (found.size() > 1) {
      fields.problem(Code.BAD_VALUE, "expected one of exact, prefix, regex, found several");
    }
    return found.isEmpty() ? new TextMatch(ValueKind.PRESENT, "") : found.get(0);
  }

  static void checkExpression(Fields fields, String name, String value) {
    if (value.length() > LONGEST_EXPRESSION) {
      fields.problem(
          Code.BAD_VALUE, name, "an expression longer than " + LONGEST_EXPRESSION + " characters");
      return;
    }
    try {
      Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      fields.problem(Code.BAD_VALUE, name, "not an RE2 expression: " + e.getDescription());
    }
  }
}
