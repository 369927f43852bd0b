package dev.weft.policy.document;

import java.time.Instant;
import java.util.List;

/**
 * A document that is fit to be in force. Immutable.
 *
 * @param namespace empty for kinds without namespace
 * @param created the document's {@code creationTimestamp}; {@link Instant#MAX} without one, so that
 *     documents of a folder, which have none, are ordered by name
 * @param place where it begins
 * @param ignored codes that its annotation {@value #IGNORE} asks not to hear about
 */
public record Document(
    Kind kind,
    String namespace,
    String name,
    Instant created,
    Place place,
    Spec spec,
    List<String> ignored) {

  /** Names codes, separated by commas or spaces. */
  public static final String IGNORE = "weft.dev/lint-ignore";

  /** A document that wants to hear everything. */
  public Document(
      Kind kind, String namespace, String name, Instant created, Place place, Spec spec) {
    this(kind, namespace, name, created, place, spec, List.of());
  }

  /** How rules and messages name it: {@code HTTPRoute default/pay}. */
  public String title() {
    return namespace.isEmpty() ? kind.text() + " " + name : kind.text() + " " + key();
  }

  /** Kubernetes' {@code namespace/name}. */
  public String key() {
    return namespace + "/" + name;
  }
}
