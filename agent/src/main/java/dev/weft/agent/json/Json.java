package dev.weft.agent.json;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Text to trees of maps, lists and plain values, and back; all that we use of Jackson, and so its
 * streams alone: binding them to objects would load some 350 classes more into every application.
 * Thread-safe.
 */
public final class Json {
  /** Bounds what it reads: depth, and length of numbers and names. */
  private static final JsonFactory STREAMS = new JsonFactory();

  private Json() {}

  /**
   * A JSON object; integers become {@link Long}, or {@link BigInteger} where they are larger, other
   * numbers {@link Double}. Of equal keys the last counts.
   *
   * @throws IOException when the text is no JSON object, or goes on behind it
   */
  public static Map<String, Object> object(String text) throws IOException {
    try (JsonParser parser = STREAMS.createParser(ObjectReadContext.empty(), text)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw new IOException("expected a JSON object, found " + (first == null ? "" : first));
      }
      Map<String, Object> object = readObject(parser);
      JsonToken more = parser.nextToken();
      if (more != null) {
        throw new IOException("expected a JSON object and no more, found " + more + " behind it");
      }
      return object;
    } catch (JacksonException e) {
      throw new IOException("expected a JSON object: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, Object> readObject(JsonParser parser) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      object.put(key, read(parser, parser.nextToken()));
    }
    return object;
  }

  private static List<@Nullable Object> readArray(JsonParser parser) {
    List<@Nullable Object> list = new ArrayList<>();
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      list.add(read(parser, token));
      token = parser.nextToken();
    }
    return list;
  }

  private static @Nullable Object read(JsonParser parser, JsonToken token) {
    return switch (token) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IllegalStateException("no value: " + token); // none in text
    };
  }

  /**
   * The text of a tree, on one line.
   *
   * @throws IllegalArgumentException when it holds something that JSON has no text for
   */
  public static String text(Object tree) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = STREAMS.createGenerator(ObjectWriteContext.empty(), text)) {
      write(tree, generator);
    }
    return text.toString();
  }

  private static void write(@Nullable Object tree, JsonGenerator generator) {
    if (tree instanceof Map<?, ?> map) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        generator.writeName(String.valueOf(entry.getKey()));
        write(entry.getValue(), generator);
      }
      generator.writeEndObject();
    } else if (tree instanceof Iterable<?> list) {
      generator.writeStartArray();
      for (Object each : list) {
        write(each, generator);
      }
      generator.writeEndArray();
    } else if (tree instanceof String string) {
      generator.writeString(string);
    } else if (tree instanceof Boolean truth) {
      generator.writeBoolean(truth);
    } else if (tree instanceof Number number) {
      writeNumber(number, generator);
    } else if (tree == null) {
      generator.writeNull();
    } else {
      throw new IllegalArgumentException("no JSON for a value of " + tree.getClass());
    }
  }

  private static void writeNumber(Number number, JsonGenerator generator) {
    if (number instanceof Integer || number instanceof Long) {
      generator.writeNumber(number.longValue());
    } else if (number instanceof Double) {
      generator.writeNumber(number.doubleValue());
    } else {
      generator.writeNumber(new BigDecimal(number.toString()));
    }
  }
}
