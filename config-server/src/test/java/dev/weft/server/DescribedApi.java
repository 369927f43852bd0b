package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.weft.server.protocol.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The description that a server serves, and which of its answers were seen. */
final class DescribedApi {
  private final Map<String, Object> document;
  private final SchemaRegistry schemas =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** By the text of the schema: most errors share one, and each takes a while to read. */
  private final Map<String, Schema> compiled = new HashMap<>();

  private final Map<String, Set<String>> seen = new TreeMap<>();

  DescribedApi(Map<String, Object> document) {
    this.document = document;
  }

  /** All operations by {@code GET /v1/status}. */
  Map<String, Map<?, ?>> operations() {
    Map<String, Map<?, ?>> operations = new TreeMap<>();
    object(document, "paths")
        .forEach(
            (path, item) ->
                ((Map<?, ?>) item)
                    .forEach(
                        (method, operation) ->
                            operations.put(
                                method.toString().toUpperCase(Locale.ROOT) + " " + path,
                                (Map<?, ?>) operation)));
    return operations;
  }

  /** The statuses that an operation describes. */
  Set<String> statuses(String operation) {
    Set<String> statuses = new TreeSet<>();
    object(operations().get(operation), "responses").keySet().forEach(s -> statuses.add("" + s));
    return statuses;
  }

  /** The statuses of answers that were checked, by operation. */
  Map<String, Set<String>> seen() {
    return seen;
  }

  /** Fails unless the answer is one that the operation describes. */
  void check(String operation, HttpResponse<byte[]> answer) {
    String type = answer.headers().firstValue("content-type").orElse("");
    check(operation, answer.statusCode(), type, answer.body());
    if (answer.statusCode() == 429 || answer.statusCode() == 503) {
      assertThat(answer.headers().firstValue("retry-after")).as(operation).isPresent();
    }
  }

  void check(String operation, int status, String type, byte[] body) {
    assertThat(operations()).containsKey(operation);
    String text = new String(body, StandardCharsets.UTF_8);
    Map<?, ?> responses = object(operations().get(operation), "responses");
    assertThat(responses.keySet().stream().map(String::valueOf))
        .as("%s answered %s %s", operation, status, text)
        .contains(String.valueOf(status));
    Map<?, ?> response = resolved((Map<?, ?>) responses.get(String.valueOf(status)));
    Map<?, ?> content = object(response, "content");
    assertThat(content.keySet().stream().map(String::valueOf))
        .as("%s %s", operation, status)
        .contains(type);
    Object schema = object(content, type).get("schema");
    String json = type.contains("json") ? text : Json.text(text);
    validate(operation + " " + status, schema, json);
    seen.computeIfAbsent(operation, key -> new TreeSet<>()).add(String.valueOf(status));
  }

  /** Fails unless the body is one that the operation asks for. */
  void checkRequest(String operation, String body) {
    Map<?, ?> content = object(object(operations().get(operation), "requestBody"), "content");
    validate(operation + " request", object(content, "application/json").get("schema"), body);
  }

  private void validate(String what, Object schema, String json) {
    assertThat(
            compiled
                .computeIfAbsent(Json.text(schema), text -> compile((Map<?, ?>) schema))
                .validate(json, InputFormat.JSON))
        .as("%s: %s", what, json)
        .isEmpty();
  }

  private Schema compile(Map<?, ?> schema) {
    Map<String, Object> whole = new HashMap<>();
    schema.forEach((key, value) -> whole.put(key.toString(), value));
    whole.put("components", document.get("components"));
    return schemas.getSchema(Json.text(whole), InputFormat.JSON);
  }

  private Map<?, ?> resolved(Map<?, ?> response) {
    if (!(response.get("$ref") instanceof String reference)) {
      return response;
    }
    Map<?, ?> at = document;
    for (String part : reference.substring("#/".length()).split("/")) {
      at = object(at, part);
    }
    return at;
  }

  static Map<?, ?> object(Map<?, ?> tree, String key) {
    assertThat(tree.get(key)).as(key).isInstanceOf(Map.class);
    return (Map<?, ?>) tree.get(key);
  }
}
