package dev.weft.policy.document;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.TelemetrySettings.Propagation;
import dev.weft.policy.document.AgentFeatures.Feature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code TelemetryPolicy}: how some workloads are observed. */
final class TelemetryPolicyReader {
  private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,127}");
  private static final int MOST_ATTRIBUTES = 32;
  private static final int LONGEST_VALUE = 256;

  private static final Map<String, Propagation> PROPAGATION = new LinkedHashMap<>();

  static {
    PROPAGATION.put("w3c", Propagation.W3C);
    PROPAGATION.put("b3", Propagation.B3);
    PROPAGATION.put("b3multi", Propagation.B3_MULTI);
  }

  private TelemetryPolicyReader() {}

  static Spec read(Fields document, String ownNamespace) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFieldsWithin();
    Map<String, String> selector = Selectors.read(fields);
    List<Spec.TargetRef> targets = TargetRefs.wholeServices(fields, ownNamespace);
    if (fields.has("selector") && fields.has("targetRefs")) {
      fields.problem(
          Code.BAD_VALUE, "selector", "a policy has a selector or targetRefs, never both");
    }
    Optional<Double> sampling = Optional.empty();
    List<Propagation> propagation = List.of();
    Optional<Fields> tracing = fields.object("tracing");
    if (tracing.isPresent()) {
      sampling = tracing.get().decimal("samplingPercent", 0.0, 100.0);
      propagation = propagation(tracing.get());
      AgentFeatures.check(Feature.PROPAGATION, tracing.get(), "propagation");
      tracing.get().finish();
    }
    Optional<Boolean> accessLog = Optional.empty();
    Optional<AccessLogFormat> format = Optional.empty();
    Optional<Fields> log = fields.object("accessLog");
    if (log.isPresent()) {
      accessLog = log.get().flag("enabled");
      format = log.get().choice("format", List.of("text", "json")).map(MeshConfigReader::format);
      log.get().finish();
    }
    Map<String, String> attributes = attributes(fields);
    if (!fields.has("tracing") && !fields.has("accessLog") && !fields.has("attributes")) {
      fields.problem(Code.MISSING_FIELD, "says nothing; expected tracing, accessLog or attributes");
    }
    AgentFeatures.check(Feature.ATTRIBUTES, fields, "attributes");
    fields.finish();
    return new TelemetryPolicySpec(
        selector, targets, sampling, propagation, attributes, accessLog, format);
  }

  private static List<Propagation> propagation(Fields fields) {
    List<Propagation> found = new ArrayList<>();
    for (Fields.Text text : fields.texts("propagation")) {
      Propagation known = PROPAGATION.get(text.value());
      if (known == null) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "expected one of "
                + String.join(", ", PROPAGATION.keySet())
                + ", found \""
                + text.value()
                + "\""
                + Suggestion.of(text.value(), PROPAGATION.keySet()));
      } else if (found.contains(known)) {
        fields.problem(Code.BAD_VALUE, text, "\"" + text.value() + "\" stands here twice");
      } else {
        found.add(known);
      }
    }
    return List.copyOf(found);
  }

  private static Map<String, String> attributes(Fields fields) {
    Map<String, String> attributes = fields.textMap("attributes");
    if (attributes.size() > MOST_ATTRIBUTES) {
      fields.problem(
          Code.BAD_VALUE, "attributes", "more than " + MOST_ATTRIBUTES + ", on every span");
    }
    attributes.forEach(
        (name, value) -> {
          if (!ATTRIBUTE.matcher(name).matches() || value.length() > LONGEST_VALUE) {
            fields.problem(
                Code.BAD_VALUE,
                "attributes",
                "expected names such as team.name and values of up to "
                    + LONGEST_VALUE
                    + " characters, found \""
                    + (name.length() > LONGEST_VALUE ? name.substring(0, LONGEST_VALUE) : name)
                    + "\"");
          }
        });
    return Map.copyOf(attributes);
  }
}
