package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The published schemas of our own kinds say what the readers do. */
class SchemaTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Map<Kind, Schema> KNOWN = new ConcurrentHashMap<>();
  private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  /**
   * What the readers refuse and a schema cannot say: the bounds of durations, sums over several
   * fields, networks and expressions that are none.
   */
  private static final Set<String> BEYOND_SCHEMAS =
      Set.of(
          "RateLimitPolicy too-fine",
          "RateLimitPolicy too-long",
          "RateLimitPolicy periods",
          "ResiliencePolicy attempt-longer-than-request");

  static Stream<Kind> ours() {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.apiVersions().contains("weft.dev/v1alpha1"));
  }

  @ParameterizedTest
  @MethodSource("ours")
  void everySchemaIsOne(Kind kind) {
    Schema draft =
        SCHEMAS.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    assertThat(draft.validate(text(kind), InputFormat.JSON)).isEmpty();
    assertThat(json(kind).path("title").asString()).isEqualTo(kind.text());
    assertThat(json(kind).path("properties").path("apiVersion").path("const").asString())
        .isEqualTo(kind.apiVersions().get(0));
  }

  @ParameterizedTest
  @MethodSource("ours")
  void everyFieldIsDescribed(Kind kind) {
    List<String> undescribed = new ArrayList<>();
    JsonNode root = json(kind);
    new Walk(root) {
      @Override
      void property(String path, JsonNode schema) {
        if (schema.path("description").asString("").isBlank()) {
          undescribed.add(path);
        }
      }
    }.walk(root, "");

    assertThat(undescribed).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ours")
  void everyExampleAndDefaultFits(Kind kind) {
    JsonNode root = json(kind);
    for (JsonNode example : root.path("examples")) {
      assertThat(valid(kind, example)).isTrue();
      assertThat(read(YamlReader.read(new SourceFile("e.json", example.toString())).roots().get(0)))
          .isEqualTo(Optional.of(kind));
    }
    List<String> wrong = new ArrayList<>();
    new Walk(root) {
      @Override
      void property(String path, JsonNode schema) {
        Schema alone = SCHEMAS.getSchema(schema);
        schema.path("examples").forEach(example -> check(path, alone, example));
        if (schema.has("default")) {
          check(path, alone, schema.get("default"));
        }
      }

      private void check(String path, Schema schema, JsonNode value) {
        if (!schema.validate(value).isEmpty()) {
          wrong.add(path + ": " + value);
        }
      }
    }.walk(root, "");

    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ours")
  void documentsAreValidIfAndOnlyIfTheReaderTakesThem(Kind kind) throws IOException {
    List<String> wrong = new ArrayList<>();
    int taken = 0;
    int refused = 0;
    for (YamlReader.Root root : documents(kind)) {
      JsonNode document = json(root.value(), false);
      boolean accepted = read(root).isPresent();
      taken += accepted ? 1 : 0;
      refused += accepted ? 0 : 1;
      String name = kind.text() + " " + document.path("metadata").path("name").asString("");
      if (accepted != valid(kind, document) && !(BEYOND_SCHEMAS.contains(name) && !accepted)) {
        wrong.add(
            root.value().place()
                + (accepted ? " is accepted, but " : " is refused, but valid: ")
                + schema(kind).validate(document));
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(taken).isPositive();
    assertThat(refused).isPositive();
  }

  /** Every value of every good document, left out or replaced by one that hardly fits. */
  @ParameterizedTest
  @MethodSource("ours")
  void soAreDocumentsInWhichOneValueIsAnother(Kind kind) throws IOException {
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (YamlReader.Root root : documents(kind)) {
      JsonNode document = json(root.value(), false);
      if (read(root).isEmpty()) {
        continue;
      }
      for (String pointer : pointers(document, "")) {
        for (String value :
            List.of("", "-1", "0", "7", "\"\"", "\"x\"", "\"1s\"", "true", "[]", "{}")) {
          JsonNode mutant = with(document, pointer, value);
          YamlReader.Root text =
              YamlReader.read(new SourceFile("m.json", mutant.toString())).roots().get(0);
          tried++;
          if (read(text).isPresent() != valid(kind, mutant)) {
            wrong.add(
                pointer
                    + " = "
                    + value
                    + (read(text).isPresent() ? " is accepted, but not valid" : " is valid, but ")
                    + DocumentReader.read(text.value(), new Problems(), Optional.empty())
                        .diagnostics());
          }
        }
      }
    }

    assertThat(wrong.stream().distinct()).isEmpty();
    assertThat(tried).isGreaterThan(500);
  }

  private static List<String> pointers(JsonNode node, String here) {
    List<String> found = new ArrayList<>();
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry -> {
                String inner = here + "/" + entry.getKey().replace("~", "~0").replace("/", "~1");
                found.add(inner);
                found.addAll(pointers(entry.getValue(), inner));
              });
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        found.add(here + "/" + i);
        found.addAll(pointers(node.get(i), here + "/" + i));
      }
    }
    return found;
  }

  /** A copy in which the value at a place is another one, or left out if {@code value} is empty. */
  private static JsonNode with(JsonNode document, String pointer, String value) {
    JsonNode copy = document.deepCopy();
    int slash = pointer.lastIndexOf('/');
    String key = pointer.substring(slash + 1).replace("~1", "/").replace("~0", "~");
    JsonNode parent = copy.at(pointer.substring(0, slash));
    if (parent instanceof ObjectNode object) {
      if (value.isEmpty()) {
        object.remove(key);
      } else {
        object.set(key, JSON.readTree(value));
      }
    } else if (parent instanceof ArrayNode array) {
      if (value.isEmpty()) {
        array.remove(Integer.parseInt(key));
      } else {
        array.set(Integer.parseInt(key), JSON.readTree(value));
      }
    }
    return copy;
  }

  @ParameterizedTest
  @MethodSource("ours")
  void theReaderAsksForTheFieldsOfTheSchemaAndForNoOther(Kind kind) throws IOException {
    Set<String> published = new TreeSet<>();
    Set<String> maps = new TreeSet<>();
    JsonNode root = json(kind);
    new Walk(root) {
      @Override
      void property(String path, JsonNode schema) {
        published.add(path);
        if (schema.path("additionalProperties").isObject()) {
          maps.add(path + ".");
        }
      }
    }.walk(root, "");
    Set<String> asked = new TreeSet<>();
    for (YamlReader.Root document : documents(kind)) {
      DocumentReader.read(document.value(), listening(asked), Optional.empty());
    }
    asked.removeIf(path -> maps.stream().anyMatch(path::startsWith));

    assertThat(asked).isEqualTo(published);
  }

  private static Problems listening(Set<String> asked) {
    return new Problems() {
      @Override
      void asked(String path) {
        asked.add(path.replaceAll("\\[[0-9]+]", "[]"));
      }
    };
  }

  /** The kind, when the reader takes the document. */
  private static Optional<Kind> read(YamlReader.Root root) {
    return DocumentReader.read(root.value(), new Problems(), Optional.empty())
        .document()
        .map(Document::kind);
  }

  private static boolean valid(Kind kind, JsonNode document) {
    return schema(kind).validate(document).isEmpty();
  }

  private static Schema schema(Kind kind) {
    return KNOWN.computeIfAbsent(kind, one -> SCHEMAS.getSchema(text(one), InputFormat.JSON));
  }

  private static JsonNode json(Kind kind) {
    return JSON.readTree(text(kind));
  }

  private static String text(Kind kind) {
    try (InputStream schema = Kind.class.getResourceAsStream("/schemas/" + kind.text() + ".json")) {
      assertThat(schema).as("the schema of " + kind.text()).isNotNull();
      return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every document of a kind that stands in a golden file or in the documentation. */
  private static List<YamlReader.Root> documents(Kind kind) throws IOException {
    List<SourceFile> sources = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".yaml")).sorted().toList()) {
        sources.add(new SourceFile(file.getFileName().toString(), Files.readString(file)));
      }
    }
    try (Stream<Path> files = Files.walk(Path.of("../docs"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".md")).sorted().toList()) {
        Matcher blocks = BLOCK.matcher(Files.readString(file));
        while (blocks.find()) {
          sources.add(new SourceFile(file.getFileName().toString(), blocks.group(1)));
        }
      }
    }
    List<YamlReader.Root> documents = new ArrayList<>();
    for (SourceFile source : sources) {
      for (YamlReader.Root root : YamlReader.read(source).roots()) {
        // What is wrong on the level of YAML, such as keys that stand twice, JSON cannot say.
        if (!root.problems().refused()
            && json(root.value(), false).path("kind").asString("").equals(kind.text())) {
          documents.add(root);
        }
      }
    }
    return documents;
  }

  /** A value as JSON; what JSON would write in another way becomes a text. */
  private static JsonNode json(YamlValue value, boolean withoutNulls) {
    if (value instanceof YamlValue.Mapping mapping) {
      var object = JSON.createObjectNode();
      for (YamlValue.Entry entry : mapping.entries()) {
        boolean absent =
            entry.value().isNull()
                && (withoutNulls || List.of("metadata", "spec", "status").contains(entry.key()));
        if (!absent) {
          object.set(
              entry.key(), json(entry.value(), withoutNulls || entry.key().equals("metadata")));
        }
      }
      return object;
    }
    if (value instanceof YamlValue.Sequence sequence) {
      var array = JSON.createArrayNode();
      sequence.values().forEach(element -> array.add(json(element, withoutNulls)));
      return array;
    }
    YamlValue.Scalar scalar = (YamlValue.Scalar) value;
    return switch (scalar.type()) {
      case NULL -> JSON.getNodeFactory().nullNode();
      case BOOL, INT, FLOAT -> {
        String text = scalar.text().toLowerCase(Locale.ROOT);
        yield text.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?|true|false")
            ? JSON.readTree(text)
            : JSON.getNodeFactory().stringNode(text);
      }
      case STRING -> JSON.getNodeFactory().stringNode(scalar.text());
    };
  }

  /** Visits the properties of a schema, with their paths: {@code spec.requests[].per}. */
  private abstract static class Walk {
    private final JsonNode root;

    Walk(JsonNode root) {
      this.root = root;
    }

    abstract void property(String path, JsonNode schema);

    void walk(JsonNode schema, String path) {
      JsonNode here = resolve(schema);
      here.path("properties")
          .properties()
          .forEach(
              entry -> {
                String inner = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                property(inner, resolve(entry.getValue()));
                walk(entry.getValue(), inner);
              });
      if (here.path("items").isObject()) {
        walk(here.path("items"), path + "[]");
      }
      if (here.path("items").path("oneOf").isArray()) {
        here.path("items").path("oneOf").forEach(one -> walk(one, path + "[]"));
      }
    }

    private JsonNode resolve(JsonNode schema) {
      String ref = schema.path("$ref").asString("");
      return ref.isEmpty() ? schema : root.path("$defs").path(ref.substring("#/$defs/".length()));
    }
  }
}
