package dev.weft.server.protocol;

import dev.weft.policy.tree.Trees;
import dev.weft.server.protocol.Refusal.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON text and trees of maps, lists, strings and numbers. Stateless; thread-safe. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Json() {}

  /** The tree as one line of UTF-8 text. */
  public static byte[] bytes(Object tree) {
    return MAPPER.writeValueAsBytes(tree);
  }

  /** The tree as one line of text. */
  public static String text(Object tree) {
    return new String(bytes(tree), StandardCharsets.UTF_8);
  }

  /** The tree over several lines, for people. */
  public static String pretty(Object tree) {
    return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(tree);
  }

  /** Reads an object. */
  public static Map<String, Object> object(byte[] text) throws Refusal {
    try {
      Map<String, Object> tree =
          MAPPER.readValue(text, new TypeReference<Map<String, Object>>() {});
      if (tree != null) {
        return tree;
      }
    } catch (JacksonException e) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-json", "The body is not a JSON object: " + e.getOriginalMessage());
    }
    throw new Refusal(Kind.BAD_REQUEST, "bad-json", "The body is not a JSON object.");
  }

  /** Reads a record; unknown keys are ignored, so that the protocol may grow. */
  public static <T extends Record> T record(Map<String, Object> tree, Class<T> type)
      throws Refusal {
    try {
      return Trees.fromTree(tree, type);
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-request", "The request does not fit: " + e.getMessage() + ".");
    }
  }
}
