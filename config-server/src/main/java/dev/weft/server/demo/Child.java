package dev.weft.server.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A running program. Its stdout goes into {@code <name>.out} and to whoever asks, its stderr into
 * {@code <name>.err}. Thread-safe.
 */
public final class Child implements AutoCloseable {
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private final Path out;
  private final Path err;
  private final List<String> lines = new ArrayList<>();
  private final List<Consumer<String>> readers = new ArrayList<>();
  private final Thread pump;
  private final Thread errors;
  private boolean ended; // guarded by lines: no more of them will come

  private Child(String name, Process process, Path out, Path err) {
    this.name = name;
    this.process = process;
    this.out = out;
    this.err = err;
    this.pump = new Thread(this::pump, "demo-" + name);
    pump.setDaemon(true);
    // Not a file that the program has open itself: it shall be heard when it cannot write to files.
    this.errors = new Thread(this::pumpErrors, "demo-errors-" + name);
    errors.setDaemon(true);
  }

  /** Starts a program whose output goes to files in {@code logs}. */
  public static Child start(String name, ProcessBuilder program, Path logs) throws IOException {
    Path err = logs.resolve(name + ".err");
    Files.write(err, new byte[0]);
    Child child = new Child(name, program.start(), logs.resolve(name + ".out"), err);
    child.pump.start();
    child.errors.start();
    return child;
  }

  /** What it is called in messages and in the logs' names. */
  public String name() {
    return name;
  }

  /** The operating system's name for it. */
  public long pid() {
    return process.pid();
  }

  /** Whether it still runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** Its stdin. */
  public OutputStream stdin() {
    return process.getOutputStream();
  }

  /** Everything it has printed on stdout. */
  public List<String> stdout() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Everything it has printed on stderr. */
  public String stderr() {
    try {
      if (!process.isAlive()) {
        errors.join(FAREWELL.toMillis()); // a child of its own may hold the other end open
      }
      return Files.readString(err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading what " + name + " says", e);
    }
  }

  /** Calls {@code reader} with every line of stdout, those of the past included, in order. */
  public void onLine(Consumer<String> reader) {
    synchronized (lines) {
      lines.forEach(reader);
      readers.add(reader);
    }
  }

  /**
   * Waits for a line of stdout that starts with {@code prefix}.
   *
   * @return the rest of that line
   * @throws IllegalStateException when the program ends, or the time is up, without having said it
   */
  public String awaitLine(String prefix, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (lines) {
      while (true) {
        Optional<String> found = lines.stream().filter(line -> line.startsWith(prefix)).findFirst();
        if (found.isPresent()) {
          return found.get().substring(prefix.length()).trim();
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0 || ended) {
          throw new IllegalStateException(
              name
                  + (left <= 0 ? " has not said" : " ended without saying")
                  + " \""
                  + prefix
                  + "\"; its stderr: "
                  + stderr());
        }
        lines.wait(left);
      }
    }
  }

  /**
   * Waits for its end.
   *
   * @return its exit code
   * @throws IllegalStateException when it has not ended in time
   */
  public int awaitExit(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(name + " has not ended; its stderr: " + stderr());
    }
    pump.join();
    return process.exitValue();
  }

  /** SIGKILL: no shutdown hook, no farewell. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Asks it to end, and makes it end. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  private void pumpErrors() {
    try (InputStream in = process.getErrorStream();
        OutputStream log = Files.newOutputStream(err)) {
      in.transferTo(log);
    } catch (IOException e) {
      // The stream breaks when the program is killed.
    }
  }

  private void pump() {
    try (BufferedReader in =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Writer log = Files.newBufferedWriter(out)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        log.write(line + "\n");
        log.flush();
        synchronized (lines) {
          lines.add(line);
          for (Consumer<String> reader : readers) {
            reader.accept(line);
          }
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      // The stream breaks when the program is killed.
    } finally {
      synchronized (lines) {
        ended = true;
        lines.notifyAll();
      }
    }
  }
}
