package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The filters of a rule or of a backend.
 *
 * @param unsupported why they cannot all be carried out; empty: they can. Gateway API wants the
 *     requests of such a rule answered with an error rather than sent without the filter
 */
record HttpFilters(
    List<HeaderEdit> requestHeaders, List<HeaderEdit> responseHeaders, String unsupported) {

  private static final int MAX_VALUE = 4096;
  private static final String NOT_A_HEADER = "cannot be the name of a header: \"";

  /** Type to the field that holds its settings. */
  private static final Map<String, String> UNSUPPORTED =
      Map.of(
          "RequestMirror", "requestMirror",
          "RequestRedirect", "requestRedirect",
          "URLRewrite", "urlRewrite",
          "CORS", "cors",
          "ExternalAuth", "externalAuth",
          "ExtensionRef", "extensionRef");

  private static final List<String> TYPES =
      List.of(
          "RequestHeaderModifier",
          "ResponseHeaderModifier",
          "RequestMirror",
          "RequestRedirect",
          "URLRewrite",
          "CORS",
          "ExternalAuth",
          "ExtensionRef");

  /** Reads the field {@code filters} of a rule or of a backend. */
  static HttpFilters read(Fields owner) {
    List<HeaderEdit> request = new ArrayList<>();
    List<HeaderEdit> response = new ArrayList<>();
    String unsupported = "";
    Set<String> seen = new HashSet<>();
    for (Fields fields : owner.objects("filters")) {
      String type = fields.choice("type", TYPES).orElse("");
      if (!fields.has("type")) {
        fields.problem(Code.MISSING_FIELD, "field \"type\" is missing");
      }
      if (type.endsWith("HeaderModifier") && !seen.add(type)) {
        fields.problem(Code.BAD_VALUE, "type", type + " stands here twice");
      }
      switch (type) {
        case "RequestHeaderModifier" -> edits(fields, "requestHeaderModifier", request);
        case "ResponseHeaderModifier" -> edits(fields, "responseHeaderModifier", response);
        case "" -> fields.ignore("requestHeaderModifier", "responseHeaderModifier");
        default -> {
          unsupported = "filter " + type + " is not supported yet";
          fields.ignore(UNSUPPORTED.getOrDefault(type, ""));
          fields.problem(Code.UNSUPPORTED_FILTER, "type", unsupported + "; its requests get 500");
        }
      }
      if (!type.isEmpty()) {
        fields.finish();
      }
    }
    return new HttpFilters(List.copyOf(request), List.copyOf(response), unsupported);
  }

  private static void edits(Fields filter, String name, List<HeaderEdit> edits) {
    Optional<Fields> modifier = filter.object(name);
    if (modifier.isEmpty()) {
      if (!filter.has(name)) {
        filter.problem(Code.MISSING_FIELD, "field \"" + name + "\" is missing");
      }
      return;
    }
    values(modifier.get(), "set", HeaderEdit.Kind.SET, edits);
    values(modifier.get(), "add", HeaderEdit.Kind.ADD, edits);
    for (Fields.Text text : modifier.get().texts("remove")) {
      if (!Names.isHeader(text.value())) {
        modifier.get().problem(Code.BAD_VALUE, text, NOT_A_HEADER + text.value() + "\"");
      }
      edits.add(new HeaderEdit(HeaderEdit.Kind.REMOVE, text.value(), ""));
    }
    modifier.get().finish();
  }

  private static void values(
      Fields modifier, String list, HeaderEdit.Kind kind, List<HeaderEdit> edits) {
    Set<String> seen = new HashSet<>();
    for (Fields item : modifier.objects(list)) {
      String name = item.requiredText("name");
      String value = item.requiredText("value");
      item.finish();
      if (!name.isEmpty() && !Names.isHeader(name)) {
        item.problem(Code.BAD_VALUE, "name", NOT_A_HEADER + name + "\"");
      }
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        item.problem(Code.BAD_VALUE, "name", "header \"" + name + "\" stands here twice");
      }
      // A line break would let a value smuggle a header of its own.
      if (value.length() > MAX_VALUE || value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
        item.problem(Code.BAD_VALUE, "value", "cannot be the value of a header");
      }
      edits.add(new HeaderEdit(kind, name, value));
    }
  }
}
