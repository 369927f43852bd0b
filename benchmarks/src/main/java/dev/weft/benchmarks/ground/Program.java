package dev.weft.benchmarks.ground;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A child process with its standard error in a file. JVMs of package {@code app} take commands, see
 * {@link dev.weft.benchmarks.ground.app.Commands}. Used by one thread.
 */
public final class Program implements AutoCloseable {
  private static final String END = "";

  private final String name;
  private final Process process;
  private final Path log;
  private final BufferedWriter commands;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private Program(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::readAnswers, "answers of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a program that says nothing on its standard output, or answers commands there. */
  public static Program start(String name, Path folder, List<String> command) throws IOException {
    Path log = folder.resolve(name + ".log");
    return new Program(name, builder(command).redirectError(log.toFile()).start(), log);
  }

  /** A child process for which the launcher's agents and their settings are none. */
  public static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(Program::changesJvms);
    return builder;
  }

  private static boolean changesJvms(String variable) {
    return variable.equals("JAVA_TOOL_OPTIONS")
        || variable.equals("JDK_JAVA_OPTIONS")
        || variable.startsWith("WEFT_")
        || variable.startsWith("OTEL_");
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /**
   * Sends a command and waits for its answer.
   *
   * @return the answer's fields
   * @throws IOException if the command failed, the program ended or did not answer in time
   */
  public Map<String, String> ask(String command, Duration patience) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    return answer(patience);
  }

  /** The next answer; programs give one unasked when they are ready. */
  public Map<String, String> answer(Duration patience) throws IOException {
    String line;
    try {
      line = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (line == null) {
      throw new IOException(name + " did not answer within " + patience.toSeconds() + " s");
    }
    if (line.equals(END)) {
      throw new IOException(name + " ended: " + lastWords());
    }
    String[] words = line.strip().split(" ", -1);
    if (!words[0].equals("ok")) {
      throw new IOException(name + " " + line);
    }
    Map<String, String> fields = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      fields.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    return fields;
  }

  /** The most telling line of the log: the last that is no stack frame. */
  public String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    String last = "no message, see " + log.getFileName();
    for (String line : lines) {
      boolean frame = line.startsWith("\t") || line.startsWith("*** ") || line.isBlank();
      if (!frame && !line.startsWith("FATAL ERROR") && !line.startsWith("Exception in thread")) {
        last = line.strip();
      }
    }
    return last;
  }

  private void readAnswers() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = in.readLine()) != null; ) {
        // Libraries may print, too.
        if (line.startsWith("ok ") || line.startsWith("failed ")) {
          answers.add(line);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // the program was ended
    }
    answers.add(END);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
