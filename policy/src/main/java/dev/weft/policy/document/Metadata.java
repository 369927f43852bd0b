package dev.weft.policy.document;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A document's {@code metadata}. Immutable.
 *
 * @param namespace empty when it could not be read, and for kinds without namespace
 * @param name empty when it could not be read
 */
record Metadata(
    String namespace,
    String name,
    Instant created,
    Map<String, String> labels,
    Map<String, String> annotations) {

  private static final String DEFAULT_NAMESPACE = "default";

  /** Of a document whose metadata is missing or no mapping. */
  static final Metadata UNKNOWN = new Metadata("", "", Instant.MAX, Map.of(), Map.of());

  /**
   * Reads it.
   *
   * @param kind empty when unknown; then it counts as namespaced
   */
  static Metadata read(Fields fields, Optional<Kind> kind) {
    String name = fields.requiredName("name");
    if (!name.isEmpty() && !validName(name, kind)) {
      fields.problem(
          Code.BAD_VALUE,
          "name",
          "expected a DNS name of lower case letters, digits and \"-\", found \"" + name + "\"");
    }
    String namespace = fields.text("namespace").orElse(DEFAULT_NAMESPACE);
    if (!Names.isLabel(namespace)) {
      fields.problem(
          Code.BAD_VALUE,
          "namespace",
          "expected a DNS label of lower case letters, digits and \"-\", found \""
              + namespace
              + "\"");
    }
    if (kind.isPresent() && !kind.get().namespaced()) {
      if (fields.has("namespace")) {
        fields.notEnforced("namespace");
      }
      namespace = "";
    }
    Map<String, String> labels = fields.textMap("labels");
    Map<String, String> annotations = fields.textMap("annotations");
    Instant created = created(fields);
    fields.ignore(
        "uid",
        "resourceVersion",
        "generation",
        "managedFields",
        "ownerReferences",
        "finalizers",
        "selfLink",
        "generateName",
        "deletionTimestamp",
        "deletionGracePeriodSeconds");
    fields.finish();
    return new Metadata(namespace, name, created, Map.copyOf(labels), Map.copyOf(annotations));
  }

  /** The codes that lint shall not report. */
  List<String> ignored() {
    return Stream.of(annotations.getOrDefault(Document.IGNORE, "").split("[,\\s]+", -1))
        .filter(code -> !code.isEmpty())
        .toList();
  }

  private static boolean validName(String name, Optional<Kind> kind) {
    return kind.equals(Optional.of(Kind.SERVICE)) ? Names.isLabel(name) : Names.isSubdomain(name);
  }

  private static Instant created(Fields fields) {
    Optional<String> text = fields.text("creationTimestamp");
    if (text.isEmpty()) {
      return Instant.MAX;
    }
    try {
      return Instant.parse(text.get());
    } catch (DateTimeParseException e) {
      fields.problem(
          Code.BAD_VALUE,
          "creationTimestamp",
          "expected a time such as 2026-01-31T12:00:00Z, found \"" + text.get() + "\"");
      return Instant.MAX;
    }
  }
}
