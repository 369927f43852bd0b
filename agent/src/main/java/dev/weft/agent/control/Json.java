package dev.weft.agent.control;

import java.io.IOException;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Text to trees of maps, lists and plain values, and back; all that we use of Jackson. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_LONG_FOR_INTS).build();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private Json() {}

  /**
   * A JSON object; integers become {@link Long}.
   *
   * @throws IOException when the text is no JSON object
   */
  public static Map<String, Object> object(String text) throws IOException {
    try {
      Map<String, Object> object = MAPPER.readValue(text, OBJECT);
      if (object != null) {
        return object;
      }
    } catch (JacksonException e) {
      throw new IOException("expected a JSON object: " + e.getOriginalMessage(), e);
    }
    throw new IOException("expected a JSON object, found null");
  }

  /** The text of a tree, on one line. */
  public static String text(Object tree) {
    return MAPPER.writeValueAsString(tree);
  }
}
