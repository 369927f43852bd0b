package dev.weft.policy.document;

import java.util.List;

/** A value of a YAML document with its place. Immutable. */
sealed interface YamlValue {
  /** Where it begins. */
  Place place();

  /** For messages: {@code a list}, {@code "text"}, {@code 12}. */
  String describe();

  /** Keys to values in order of the document; keys are unique. */
  record Mapping(Place place, List<Entry> entries) implements YamlValue {
    @Override
    public String describe() {
      return "a map";
    }
  }

  /**
   * One entry of a mapping.
   *
   * @param place of the key
   */
  record Entry(Place place, String key, YamlValue value) {}

  /** A list. */
  record Sequence(Place place, List<YamlValue> values) implements YamlValue {
    @Override
    public String describe() {
      return "a list";
    }
  }

  /** Anything else. */
  record Scalar(Place place, Type type, String text) implements YamlValue {
    private static final int SHOWN = 60;

    /** What YAML makes of an unquoted text; quoted ones are always STRING. */
    enum Type {
      STRING,
      INT,
      FLOAT,
      BOOL,
      NULL
    }

    /** Whether it is a text without characters, in quotes. */
    boolean isEmptyText() {
      return type == Type.STRING && text.isEmpty();
    }

    @Override
    public String describe() {
      if (type == Type.NULL) {
        return "nothing";
      }
      String shown = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
      shown = shown.replace("\n", "\\n").replace("\r", "\\r");
      return type == Type.STRING ? "\"" + shown + "\"" : shown;
    }
  }

  /** Whether it is YAML's null: no value at all. */
  default boolean isNull() {
    return this instanceof Scalar scalar && scalar.type() == Scalar.Type.NULL;
  }
}
