package dev.weft.benchmarks.ground.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The launcher's end of a measured JVM: it writes a command per line and reads one line of answer,
 * {@code ok key=value ...} or {@code failed reason}. The program ends with its standard input.
 */
public final class Commands {
  /** Carries a command out. */
  public interface Command {
    /** The fields of the answer, {@code key=value} separated by blanks. */
    String run(List<String> arguments) throws Exception;
  }

  private final Map<String, Command> commands = new HashMap<>();
  private final PrintStream answers = System.out;

  public Commands() {
    Profiling profiling = new Profiling();
    on("gc", arguments -> "heap=" + liveHeap());
    on("profile", profiling::start);
    on("profiled", arguments -> profiling.stop());
  }

  public Commands on(String name, Command command) {
    commands.put(name, command);
    return this;
  }

  /** Says that the program is ready, then serves until the launcher closes the input. */
  public void serve(String greeting) throws IOException {
    answers.println("ok " + greeting);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      answers.println(answer(Arrays.asList(line.split(" ", -1))));
    }
    // The libraries' threads are no reason to stay.
    System.exit(0);
  }

  private String answer(List<String> words) {
    Command command = commands.get(words.get(0));
    if (command == null) {
      return "failed unknown command " + words.get(0);
    }
    try {
      return "ok " + command.run(words.subList(1, words.size()));
    } catch (Exception | LinkageError e) {
      e.printStackTrace();
      return "failed " + e.toString().replace('\n', ' ');
    }
  }

  /** Bytes that survive a collection. */
  private static long liveHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
