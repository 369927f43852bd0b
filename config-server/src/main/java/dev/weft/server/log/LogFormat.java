package dev.weft.server.log;

import dev.weft.server.protocol.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a line of the log looks. */
public enum LogFormat {
  /** {@code weft INFO policy applied documents=4 agents=2}. */
  TEXT {
    @Override
    String line(Instant now, String level, String message) {
      return "weft " + level + " " + message;
    }
  },
  /**
   * One JSON object a line with {@code time}, {@code level} and {@code event}, then the keys that
   * the text has, then {@code detail}: what the text has behind its first {@code ": "}.
   */
  JSON {
    @Override
    String line(Instant now, String level, String message) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("time", now.toString());
      line.put("level", level.toLowerCase(Locale.ROOT));
      Matcher matcher = STRUCTURE.matcher(message);
      if (!matcher.matches()) {
        line.put("event", message);
        return Json.text(line);
      }
      line.put("event", matcher.group("event"));
      Matcher field = FIELD.matcher(matcher.group("fields"));
      while (field.find()) {
        line.putIfAbsent(field.group(1), field.group(2));
      }
      if (matcher.group("detail") != null) {
        line.put("detail", matcher.group("detail"));
      }
      return Json.text(line);
    }
  };

  private static final Pattern FIELD = Pattern.compile(" ([a-z][a-z0-9-]*)=(\\S*?)(?= |$)");

  /**
   * Fields stand between the event and the detail, and only there: what a peer chose to say is
   * detail, so that it cannot pose as a field.
   */
  private static final Pattern STRUCTURE =
      Pattern.compile(
          "(?<event>[^=:]*?)(?<fields>(?: [a-z][a-z0-9-]*=\\S*?)*)(?:: (?<detail>.*))?",
          Pattern.DOTALL);

  abstract String line(Instant now, String level, String message);
}
