package dev.weft.agent.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() throws IOException {
    Map<String, Object> object =
        Json.object(
            """
            {"text": "a\\"b\\u00e9\\n", "whole": 7, "long": -9007199254740993,
             "huge": 92233720368547758070, "real": 0.25, "exponent": 1e3, "yes": true, "no": false,
             "nothing": null, "list": [1, [], {"deep": ["x"]}], "empty": {}}
            """);

    assertThat(object)
        .containsEntry("text", "a\"b\u00e9\n")
        .containsEntry("whole", 7L)
        .containsEntry("long", -9007199254740993L)
        .containsEntry("huge", new BigInteger("92233720368547758070"))
        .containsEntry("real", 0.25)
        .containsEntry("exponent", 1000.0)
        .containsEntry("yes", true)
        .containsEntry("no", false)
        .containsEntry("nothing", null)
        .containsEntry("list", List.of(1L, List.of(), Map.of("deep", List.of("x"))))
        .containsEntry("empty", Map.of());
  }

  @Test
  void keepsTheOrderOfKeysAndTheLastOfEqualOnes() throws IOException {
    Map<String, Object> object = Json.object("{\"b\":1,\"a\":2,\"b\":3}");

    assertThat(object.keySet()).containsExactly("b", "a");
    assertThat(object).containsEntry("b", 3L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "7",
        "\"{}\"",
        "[]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":[1}",
        "{\"a\":[1",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{} {}",
        "{}]",
        "{\"a\":'b'}",
        "{\"a\":\"\n\"}"
      })
  void refusesWhatIsNoObject(String text) {
    assertThatThrownBy(() -> Json.object(text))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("expected a JSON object");
  }

  @Test
  void refusesToBeLedTooDeep() throws IOException {
    assertThatThrownBy(() -> Json.object("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(IOException.class);
    assertThat(Json.object("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}")).containsKey("a");
  }

  @Test
  void writesWhatItReads() throws IOException {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("text", "\"\\\u0001\u00e9\ud83d\ude00\n");
    tree.put("whole", 7L);
    tree.put("real", 0.1);
    tree.put("huge", new BigInteger("92233720368547758070"));
    tree.put("list", Arrays.asList(true, null, Map.of("deep", List.of())));
    tree.put("nothing", null);

    assertThat(Json.object(Json.text(tree))).isEqualTo(tree);
  }

  @Test
  void writesOnOneLineWithoutBlanks() {
    Map<String, Object> tree = new TreeMap<>();
    tree.put("a", 1);
    tree.put("b", Set.of("x"));
    tree.put("c", null);

    assertThat(Json.text(tree)).isEqualTo("{\"a\":1,\"b\":[\"x\"],\"c\":null}");
  }

  @Test
  void refusesWhatJsonHasNoTextFor() {
    assertThatThrownBy(() -> Json.text(Map.of("a", Thread.State.NEW)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Thread$State");
  }
}
