package dev.weft.policy.document;

import dev.weft.policy.document.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one mapping strictly: every field is asked for by name, and {@link #finish} reports those
 * that nobody asked for. As in Kubernetes, a field without value is a field that is not there.
 * Problems are noted, never thrown; a value that does not fit reads as absent. Confined to one
 * thread.
 */
final class Fields {
  private static final Pattern BOOLEAN = Pattern.compile("[Tt]rue|TRUE|[Ff]alse|FALSE");
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,17})");

  private final Place place;
  private final String path;
  private final Problems problems;
  private final Map<String, YamlValue.Entry> entries = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  private Fields(YamlValue.Mapping mapping, String path, Problems problems) {
    this.place = mapping.place();
    this.path = path;
    this.problems = problems;
    mapping.entries().forEach(entry -> entries.put(entry.key(), entry));
  }

  /** A text with its place. */
  record Text(String value, Place place, String path) {}

  /** The fields of a value; empty, and a problem, when it is no mapping. */
  static Optional<Fields> of(YamlValue value, String path, Problems problems) {
    if (value instanceof YamlValue.Mapping mapping) {
      return Optional.of(new Fields(mapping, path, problems));
    }
    problems.add(Code.WRONG_TYPE, value.place(), path, "expected a map, found " + value.describe());
    return Optional.empty();
  }

  /** Where the mapping begins. */
  Place place() {
    return place;
  }

  /** The path of the mapping, or of a field in it when {@code name} is not empty. */
  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** The place of a field's key, or of the mapping when the field is absent. */
  Place place(String name) {
    YamlValue.Entry entry = entries.get(name);
    return entry == null ? place : entry.place();
  }

  /** Whether the field has a value. */
  boolean has(String name) {
    return value(name) != null;
  }

  /** Whether the mapping holds nothing at all. */
  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The names of all fields, in order of the document. */
  List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /** Problems so far, anywhere in the document, that take it out of force. */
  int refusals() {
    return problems.refusals();
  }

  /** Notes a problem of this mapping. */
  void problem(Code code, String message) {
    problems.add(code, place, path, message);
  }

  /** Notes a problem of a field. */
  void problem(Code code, String name, String message) {
    YamlValue value = value(name);
    problems.add(code, value == null ? place(name) : value.place(), path(name), message);
  }

  /** Notes a problem of an element of a list. */
  void problem(Code code, Text text, String message) {
    problems.add(code, text.place(), text.path(), message);
  }

  /** Fields that exist and mean nothing to us. */
  void ignore(String... names) {
    known.addAll(Arrays.asList(names));
    known.forEach(name -> problems.asked(path(name)));
  }

  /** Fields that exist and have no effect yet. */
  void notEnforced(String... names) {
    for (String name : names) {
      if (has(name)) {
        problems.add(Code.NOT_ENFORCED, place(name), path(name), "is read, but has no effect yet");
      }
    }
  }

  /** Fields that exist, and whose loss would change what the document promises. */
  void notSupported(String... names) {
    for (String name : names) {
      if (has(name)) {
        problems.add(
            Code.NOT_SUPPORTED,
            place(name),
            path(name),
            "is not supported yet; the document is refused rather than enforced without it");
      }
    }
  }

  /** For security: a field without value is more likely a slip than a wish. */
  void refuseEmptyFields() {
    for (YamlValue.Entry entry : entries.values()) {
      if (entry.value().isNull()) {
        problems.add(
            Code.BAD_VALUE,
            entry.place(),
            path(entry.key()),
            "has no value; leave the field out if it shall have none");
      }
    }
  }

  /** The same for all that stands in it, to any depth. */
  void refuseEmptyFieldsWithin() {
    entries.values().forEach(entry -> refuseEmpty(entry, path(entry.key())));
  }

  private void refuseEmpty(YamlValue.Entry entry, String where) {
    if (entry.value().isNull()) {
      problems.add(
          Code.BAD_VALUE,
          entry.place(),
          where,
          "has no value; leave the field out if it shall have none");
    }
    refuseEmpty(entry.value(), where);
  }

  private void refuseEmpty(YamlValue value, String where) {
    if (value instanceof YamlValue.Mapping mapping) {
      mapping.entries().forEach(entry -> refuseEmpty(entry, where + "." + entry.key()));
    } else if (value instanceof YamlValue.Sequence sequence) {
      for (int i = 0; i < sequence.values().size(); i++) {
        refuseEmpty(sequence.values().get(i), where + "[" + i + "]");
      }
    }
  }

  Optional<String> text(String name) {
    YamlValue value = value(name);
    return value == null ? Optional.empty() : text(value, path(name)).map(Text::value);
  }

  String requiredText(String name) {
    if (!has(name)) {
      problem(Code.MISSING_FIELD, "field \"" + name + "\" is missing");
      return "";
    }
    return text(name).orElse("");
  }

  /** A text that says something: one of no characters names nothing. */
  String requiredName(String name) {
    String text = requiredText(name);
    if (text.isEmpty() && value(name) instanceof Scalar scalar && scalar.isEmptyText()) {
      problem(Code.BAD_VALUE, name, "is empty");
    }
    return text;
  }

  Optional<Integer> number(String name, int least, int most) {
    YamlValue value = value(name);
    return value == null ? Optional.empty() : number(value, path(name), least, most);
  }

  /** A list of numbers; empty when absent. */
  List<Integer> numbers(String name, int least, int most) {
    List<Integer> numbers = new ArrayList<>();
    for (Element element : elements(name)) {
      number(element.value(), element.path(), least, most).ifPresent(numbers::add);
    }
    return numbers;
  }

  private Optional<Integer> number(YamlValue value, String where, int least, int most) {
    String range = least + " to " + most;
    if (!(value instanceof Scalar scalar) || scalar.type() != Scalar.Type.INT) {
      return wrongType(value, where, "a whole number, " + range);
    }
    if (!DECIMAL.matcher(scalar.text()).matches()) {
      return badValue(value, where, "a decimal number, " + range);
    }
    long number = Long.parseLong(scalar.text());
    if (number < least || number > most) {
      return badValue(value, where, "a number, " + range);
    }
    return Optional.of((int) number);
  }

  Optional<Double> decimal(String name, double least, double most) {
    YamlValue value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    String expected = "a number, " + least + " to " + most;
    if (!(value instanceof Scalar scalar)
        || (scalar.type() != Scalar.Type.INT && scalar.type() != Scalar.Type.FLOAT)) {
      return wrongType(value, path(name), expected);
    }
    try {
      double number = Double.parseDouble(scalar.text());
      if (number >= least && number <= most) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // One of YAML's odder ways to write a number, such as 1_000 or .inf: the same answer.
      return badValue(value, path(name), expected);
    }
    return badValue(value, path(name), expected);
  }

  Optional<Boolean> flag(String name) {
    YamlValue value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Scalar scalar) || scalar.type() != Scalar.Type.BOOL) {
      return wrongType(value, path(name), "true or false");
    }
    // YAML 1.1 has other words for it; whoever writes "on" may mean a text, and "no" may be a
    // country.
    if (!BOOLEAN.matcher(scalar.text()).matches()) {
      return badValue(value, path(name), "true or false");
    }
    return Optional.of(Boolean.valueOf(scalar.text()));
  }

  /** A text or a number, as text; Kubernetes' IntOrString. */
  Optional<Text> textOrNumber(String name) {
    YamlValue value = value(name);
    if (value instanceof Scalar scalar && scalar.type() == Scalar.Type.INT) {
      return Optional.of(new Text(scalar.text(), scalar.place(), path(name)));
    }
    return value == null ? Optional.empty() : text(value, path(name));
  }

  /** Whether the field is a number without quotes. */
  boolean isNumber(String name) {
    return value(name) instanceof Scalar scalar && scalar.type() == Scalar.Type.INT;
  }

  /** One of a set of words. */
  Optional<String> choice(String name, List<String> words) {
    Optional<String> text = text(name);
    if (text.isPresent() && !words.contains(text.get())) {
      String hint = Suggestion.of(text.get(), words);
      problem(
          Code.BAD_VALUE,
          name,
          "expected one of " + String.join(", ", words) + ", found \"" + text.get() + "\"" + hint);
      return Optional.empty();
    }
    return text;
  }

  Optional<Fields> object(String name) {
    YamlValue value = value(name);
    return value == null ? Optional.empty() : of(value, path(name), problems);
  }

  /** A list of mappings; empty when absent. */
  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    for (Element element : elements(name)) {
      of(element.value(), element.path(), problems).ifPresent(objects::add);
    }
    return objects;
  }

  /** A list of texts; empty when absent. */
  List<Text> texts(String name) {
    List<Text> texts = new ArrayList<>();
    for (Element element : elements(name)) {
      text(element.value(), element.path()).ifPresent(texts::add);
    }
    return texts;
  }

  /** A list of texts or numbers; empty when absent. */
  List<Text> textsOrNumbers(String name) {
    List<Text> texts = new ArrayList<>();
    for (Element element : elements(name)) {
      if (element.value() instanceof Scalar scalar && scalar.type() == Scalar.Type.INT) {
        texts.add(new Text(scalar.text(), scalar.place(), element.path()));
      } else {
        text(element.value(), element.path()).ifPresent(texts::add);
      }
    }
    return texts;
  }

  /** A map of texts, in order of the document; empty when absent. */
  Map<String, String> textMap(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    object(name).ifPresent(fields -> fields.entries.forEach((key, entry) -> fields.put(map, key)));
    return map;
  }

  /** A map whose values are mappings; the keys are the caller's to check. */
  Map<Text, Fields> objectMap(String name) {
    Map<Text, Fields> map = new LinkedHashMap<>();
    object(name)
        .ifPresent(
            fields ->
                fields.entries.forEach(
                    (key, entry) -> {
                      Text text = new Text(key, entry.place(), fields.path(key));
                      fields.object(key).ifPresent(inner -> map.put(text, inner));
                    }));
    return map;
  }

  /** The items of a list as they are; empty when absent. */
  List<YamlValue> values(String name) {
    return elements(name).stream().map(Element::value).toList();
  }

  /** Reports the fields that nobody asked for. Call it last. */
  void finish() {
    for (YamlValue.Entry entry : entries.values()) {
      if (!known.contains(entry.key())) {
        problems.add(
            Code.UNKNOWN_FIELD,
            entry.place(),
            path,
            "unknown field \"" + entry.key() + "\"" + Suggestion.of(entry.key(), known));
      }
    }
  }

  private void put(Map<String, String> map, String key) {
    YamlValue.Entry entry = entries.get(key);
    if (entry != null && entry.value().isNull()) {
      map.put(key, "");
    } else {
      text(key).ifPresent(text -> map.put(key, text));
    }
  }

  private @Nullable YamlValue value(String name) {
    known.add(name);
    problems.asked(path(name));
    YamlValue.Entry entry = entries.get(name);
    return entry == null || entry.value().isNull() ? null : entry.value();
  }

  private record Element(YamlValue value, String path) {}

  private List<Element> elements(String name) {
    YamlValue value = value(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof YamlValue.Sequence sequence)) {
      wrongType(value, path(name), "a list");
      return List.of();
    }
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < sequence.values().size(); i++) {
      elements.add(new Element(sequence.values().get(i), path(name) + "[" + i + "]"));
    }
    return elements;
  }

  private Optional<Text> text(YamlValue value, String where) {
    if (value instanceof Scalar scalar) {
      if (scalar.type() == Scalar.Type.STRING) {
        return Optional.of(new Text(scalar.text(), scalar.place(), where));
      }
      if (scalar.type() != Scalar.Type.NULL) {
        return wrongType(value, where, "a text; quote it: \"" + scalar.text() + "\"");
      }
    }
    return wrongType(value, where, "a text");
  }

  private <T> Optional<T> wrongType(YamlValue value, String where, String expected) {
    problems.add(
        Code.WRONG_TYPE,
        value.place(),
        where,
        "expected " + expected + ", found " + value.describe());
    return Optional.empty();
  }

  private <T> Optional<T> badValue(YamlValue value, String where, String expected) {
    problems.add(
        Code.BAD_VALUE,
        value.place(),
        where,
        "expected " + expected + ", found " + value.describe());
    return Optional.empty();
  }
}
