package dev.weft.server.api;

import dev.weft.server.http.Answer;
import dev.weft.server.http.Request;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A list that a caller may filter ({@code namespace=default}) and read in pieces ({@code
 * limit=100}, then {@code after=} what the answer calls {@code next}). It is sorted by a key, so
 * that what comes and goes between two pieces moves nothing else.
 */
final class Page {
  private static final int MOST = 10_000;

  private Page() {}

  /**
   * The answer.
   *
   * @param name under which the list stands
   * @param all rows as trees
   * @param key names whose values, joined by {@code /}, order the rows
   * @param filters names of parameters whose values rows must have where they are given
   */
  static Answer of(
      Request request, String name, List<Object> all, List<String> key, List<String> filters)
      throws Refusal {
    return Answer.json(tree(request, name, all, key, filters));
  }

  /** The same as a tree to add to. */
  static Map<String, Object> tree(
      Request request, String name, List<Object> all, List<String> key, List<String> filters)
      throws Refusal {
    String after = request.parameter("after", "");
    int limit = limit(request, MOST, MOST);
    boolean paged = request.query().containsKey("limit");
    List<Row> rows = new ArrayList<>();
    for (Object one : all) {
      Row row = new Row(text(one, key), one);
      if (fits(request, one, filters) && row.key().compareTo(after) > 0) {
        rows.add(row);
      }
    }
    rows.sort(Comparator.comparing(Row::key));
    int end = paged ? Math.min(limit, rows.size()) : rows.size();
    // Rows of one key stay together: the next piece begins behind them.
    while (end > 0 && end < rows.size() && rows.get(end).key().equals(rows.get(end - 1).key())) {
      end++;
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put(name, rows.subList(0, end).stream().map(Row::tree).toList());
    if (end < rows.size()) {
      answer.put("next", rows.get(end - 1).key());
    }
    return answer;
  }

  private record Row(String key, Object tree) {}

  /**
   * The parameter {@code limit}.
   *
   * @throws Refusal {@code bad-request} when it is no whole number above zero
   */
  static int limit(Request request, int otherwise, int most) throws Refusal {
    String text = request.parameter("limit", String.valueOf(otherwise));
    try {
      int limit = Integer.parseInt(text);
      if (limit > 0) {
        return Math.min(limit, most);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new Refusal(
        Kind.BAD_REQUEST,
        "bad-request",
        "limit: expected a whole number from 1 to " + most + ", found \"" + text + "\".");
  }

  private static boolean fits(Request request, Object row, List<String> filters) {
    return filters.stream()
        .allMatch(
            name -> {
              String wanted = request.parameter(name, "");
              return wanted.isEmpty() || wanted.equals(value(row, name));
            });
  }

  private static String text(Object row, List<String> key) {
    return String.join("/", key.stream().map(name -> value(row, name)).toList());
  }

  private static String value(Object row, String name) {
    Object value = row instanceof Map<?, ?> map ? map.get(name) : null;
    return value == null ? "" : value.toString();
  }
}
