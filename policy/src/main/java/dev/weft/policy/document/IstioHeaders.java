package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The field {@code headers} of a rule or of a destination. Immutable.
 *
 * @param authority the host that requests shall name, which Istio writes as a header
 */
record IstioHeaders(
    List<HeaderEdit> request, List<HeaderEdit> response, Optional<String> authority) {
  private static final int MAX_VALUE = 4096;
  private static final List<String> AUTHORITY = List.of("host", ":authority");

  /** Reads the field of its owner. */
  static IstioHeaders read(Fields owner) {
    Optional<Fields> fields = owner.object("headers");
    if (fields.isEmpty()) {
      return new IstioHeaders(List.of(), List.of(), Optional.empty());
    }
    List<HeaderEdit> request = edits(fields.get(), "request");
    List<HeaderEdit> response = edits(fields.get(), "response");
    fields.get().finish();
    Optional<String> authority =
        request.stream()
            .filter(edit -> edit.kind() == HeaderEdit.Kind.SET && isAuthority(edit.name()))
            .map(HeaderEdit::value)
            .findFirst();
    List<HeaderEdit> others =
        request.stream()
            .filter(edit -> edit.kind() != HeaderEdit.Kind.SET || !isAuthority(edit.name()))
            .toList();
    return new IstioHeaders(others, response, authority);
  }

  private static boolean isAuthority(String name) {
    return AUTHORITY.contains(name.toLowerCase(Locale.ROOT));
  }

  private static List<HeaderEdit> edits(Fields owner, String name) {
    Optional<Fields> fields = owner.object(name);
    if (fields.isEmpty()) {
      return List.of();
    }
    List<HeaderEdit> edits = new ArrayList<>();
    values(fields.get(), "set", HeaderEdit.Kind.SET, edits);
    values(fields.get(), "add", HeaderEdit.Kind.ADD, edits);
    for (Fields.Text text : fields.get().texts("remove")) {
      checkName(fields.get(), "remove", text.value());
      edits.add(new HeaderEdit(HeaderEdit.Kind.REMOVE, text.value(), ""));
    }
    fields.get().finish();
    return List.copyOf(edits);
  }

  private static void values(
      Fields fields, String name, HeaderEdit.Kind kind, List<HeaderEdit> edits) {
    fields
        .textMap(name)
        .forEach(
            (header, value) -> {
              if (kind != HeaderEdit.Kind.SET || !isAuthority(header)) {
                checkName(fields, name, header);
              }
              // A line break would let a value smuggle a header of its own.
              if (value.length() > MAX_VALUE || value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
                fields.problem(
                    Code.BAD_VALUE, name, "\"" + header + "\" has a value no header can have");
              } else if (value.contains("%")) {
                fields.problem(
                    Code.NOT_ENFORCED,
                    name,
                    "\"" + header + "\": variables of Envoy (%...%) are sent as they are written");
              }
              edits.add(new HeaderEdit(kind, header, value));
            });
  }

  private static void checkName(Fields fields, String list, String name) {
    if (!Names.isHeader(name)) {
      fields.problem(Code.BAD_VALUE, list, "cannot be the name of a header: \"" + name + "\"");
    }
  }
}
