package dev.weft.it.chaos;

import dev.weft.it.chaos.Made.Ending;
import dev.weft.it.chaos.Made.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The journals of all processes, put together.
 *
 * @param calls by id
 * @param requests the calls of each request
 * @param contradictions what does not fit together, or was wrong for whoever wrote it
 */
record History(
    Map<String, Made> calls, Map<String, List<Made>> requests, List<String> contradictions) {
  /** Reads a folder of journals. */
  static History read(Path journals) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(journals)) {
      for (Path file : files.sorted().toList()) {
        String text = Files.readString(file);
        // What comes after the last end of a line was being written when its process was killed.
        text.substring(0, text.lastIndexOf('\n') + 1)
            .lines()
            .forEach(line -> lines.add(file.getFileName() + "\t" + line));
      }
    }
    return of(lines);
  }

  /** Puts lines together, each after the name of the instance that wrote it. */
  static History of(List<String> text) {
    History history = new History(new LinkedHashMap<>(), new HashMap<>(), new ArrayList<>());
    List<String[]> lines = text.stream().map(line -> line.split("\t", -1)).toList();
    // Calls first: a server may write earlier lines than the journal of a caller that sorts later.
    lines.stream().filter(words -> words[1].equals("called")).forEach(history::called);
    lines.stream().filter(words -> !words[1].equals("called")).forEach(history::followed);
    return history;
  }

  Collection<Made> all() {
    return calls.values();
  }

  /** The calls in whose course this one was made: one, unless its caller was called again. */
  List<Made> causes(Made call) {
    return requests.get(call.request).stream()
        .filter(
            cause ->
                cause.executions.stream()
                    .anyMatch(
                        each -> each.instance().equals(call.caller) && each.at() < call.begin))
        .toList();
  }

  private void called(String[] words) {
    long at = Long.parseLong(words[words.length - 1]);
    Made made = new Made(words[2], words[0], words[3], words[4], words[5], !words[6].isEmpty(), at);
    requests.computeIfAbsent(made.request, missing -> new ArrayList<>()).add(made);
    if (calls.put(made.id, made) != null) {
      contradictions.add("two calls with one id: " + made);
    }
  }

  private void followed(String[] words) {
    Made made = calls.get(words[2]);
    if (words[1].equals("wrong") || made == null) {
      contradictions.add(String.join(" ", words) + " of " + made);
    }
    if (made == null) {
      return;
    }
    long at = Long.parseLong(words[words.length - 1]);
    switch (words[1]) {
      case "right" -> end(made, Ending.RIGHT, 200, words[3], at);
      case "refused" -> end(made, Ending.REFUSED, Integer.parseInt(words[3]), words[4], at);
      case "threw" -> end(made, Ending.THREW, 0, words[3], at);
      case "wrong" -> end(made, Ending.WRONG, 0, words[3], at);
      case "executed" -> {
        int policy = words[5].isEmpty() ? 0 : Integer.parseInt(words[5]);
        long number = Long.parseLong(words[3]);
        made.executions.add(new Execution(words[0], number, words[4], policy, 0, at));
      }
      case "answered" ->
          made.executions.replaceAll(
              each ->
                  each.instance().equals(words[0]) && each.number() == Long.parseLong(words[3])
                      ? each.answered(Integer.parseInt(words[4]))
                      : each);
      default -> throw new IllegalStateException(String.join(" ", words));
    }
  }

  private static void end(Made made, Ending ending, int status, String said, long at) {
    made.ending = ending;
    made.status = status;
    made.said = said;
    made.end = at;
  }
}
