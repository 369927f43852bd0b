package dev.weft.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogTest {
  private final List<String> lines = new ArrayList<>();

  private Map<String, Object> json(String message) throws Refusal {
    Log.to(lines::add, LogFormat.JSON).info(message);
    return Json.object(lines.get(lines.size() - 1).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void textIsOneLineOfStableWords() {
    Log.to(lines::add).warn("policy read files=3\nforged line");

    assertThat(lines).containsExactly("weft WARN policy read files=3 forged line");
  }

  @Test
  void jsonHasTheSameKeys() throws Refusal {
    assertThat(json("policy read files=3 id=spiffe://a/ns/b/sa/c from=::1"))
        .containsEntry("level", "info")
        .containsEntry("event", "policy read")
        .containsEntry("files", "3")
        .containsEntry("id", "spiffe://a/ns/b/sa/c")
        .containsEntry("from", "::1")
        .containsKey("time")
        .doesNotContainKey("detail");
  }

  @Test
  void whatFollowsTheColonIsDetailAndCannotPoseAsAKey() throws Refusal {
    assertThat(json("request refused from=1.2.3.4 code=bad-json: he said: level=error from=x"))
        .containsEntry("event", "request refused")
        .containsEntry("from", "1.2.3.4")
        .containsEntry("code", "bad-json")
        .containsEntry("level", "info")
        .containsEntry("detail", "he said: level=error from=x");
  }

  @Test
  void aLineWithoutKeysIsAnEvent() throws Refusal {
    assertThat(json("policy folder is readable again"))
        .containsEntry("event", "policy folder is readable again");
    assertThat(json("state folder /a=b: c can be read")).containsKey("event");
  }

  @Test
  void quotesAndLineFeedsStayInsideTheirText() throws Refusal {
    assertThat(json("a \"quoted\" word: two\nlines \\ and more"))
        .containsEntry("detail", "two lines \\ and more");
    assertThat(lines).allMatch(line -> line.indexOf('\n') < 0);
  }
}
