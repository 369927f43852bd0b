package dev.weft.benchmarks.start;

import dev.weft.benchmarks.ground.ProcessUse;
import dev.weft.benchmarks.ground.Program;
import dev.weft.benchmarks.ground.ThreadTimes;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one start of the application took, until its first answer. Immutable.
 *
 * @param cpuSeconds processor time of the process, its compilers included
 * @param compilerSeconds processor time of the JVM's compilers; it varies most from run to run
 * @param seconds by the clock
 * @param metaspace used bytes of it, compressed classes included
 * @param classes how many are loaded
 * @param memory proportional set size, in bytes
 */
record Start(
    double cpuSeconds,
    double compilerSeconds,
    double seconds,
    double metaspace,
    double classes,
    double memory) {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, fixed in Linux's interface
  private static final long PATIENCE_SECONDS = 120;
  private static final Pattern LISTENING = Pattern.compile("listening (\\d+)\\R");
  private static final Pattern METASPACE = Pattern.compile("Both: +([0-9.]+) KB used");
  private static final int UTIME = 11;
  private static final int STIME = 12;

  /**
   * Starts it, measures, and ends it.
   *
   * @param command the JVM and its application, which prints {@code listening PORT} and answers
   *     {@code /actuator/health} with 200 when it serves
   * @param log what it prints
   */
  static Start of(List<String> command, Path log) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Process process =
        Program.builder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      awaitAnswer(process, log);
      double seconds = (System.nanoTime() - begun) / 1e9;
      double cpu = cpuSeconds(process.pid());
      double compilers = compilerSeconds(process.pid());
      String id = Long.toString(process.pid());
      Path java = Path.of(command.get(0));
      List<String> spaces =
          lines(java.resolveSibling("jcmd"), id, "VM.metaspace", "basic", "scale=K");
      List<String> classes = lines(java.resolveSibling("jstat"), "-class", id);
      double metaspace = metaspace(spaces);
      double pss = ProcessUse.proportionalSetSize(process.pid());
      return new Start(cpu, compilers, seconds, metaspace, column(classes, "Loaded"), pss);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static void awaitAnswer(Process process, Path log) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!answers(log)) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        throw new IOException("the application does not serve, see " + log);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private static boolean answers(Path log) throws IOException {
    Matcher listening = LISTENING.matcher(Files.readString(log));
    if (!listening.find()) {
      return false;
    }
    String health = "http://127.0.0.1:" + listening.group(1) + "/actuator/health";
    try {
      return ((HttpURLConnection) URI.create(health).toURL().openConnection()).getResponseCode()
          == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** The names of commands may have blanks, so fields count from behind their bracket. */
  private static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_PER_SECOND;
  }

  /** Processor time without the compilers'. */
  double otherSeconds() {
    return cpuSeconds - compilerSeconds;
  }

  private static double compilerSeconds(long pid) throws IOException {
    long[] nanos = new long[1];
    ThreadTimes.of(pid, (id, name, spent) -> nanos[0] += ThreadTimes.isCompiler(name) ? spent : 0);
    return nanos[0] / 1e9;
  }

  private static List<String> lines(Path tool, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(tool.toString());
    builder.command().addAll(Arrays.asList(arguments));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output.lines().toList();
  }

  /** As it is now: what jstat shows of it is of the last collection. */
  private static double metaspace(List<String> spaces) throws IOException {
    Matcher used = METASPACE.matcher(String.join("\n", spaces));
    if (!used.find()) {
      throw new IOException("expected \"Both: 12.34 KB used\", found " + spaces);
    }
    return 1024 * Double.parseDouble(used.group(1));
  }

  private static double column(List<String> table, String name) {
    List<String> heads = List.of(table.get(0).strip().split("\\s+", -1));
    return Double.parseDouble(table.get(1).strip().split("\\s+", -1)[heads.indexOf(name)]);
  }
}
