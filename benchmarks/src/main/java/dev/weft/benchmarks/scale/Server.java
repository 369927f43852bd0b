package dev.weft.benchmarks.scale;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real config server in a process of its own. */
final class Server implements AutoCloseable {
  private final Options options;
  private final int port;
  private final Path log;
  private Process process;

  Server(Options options, int port) throws IOException, InterruptedException {
    this.options = options;
    this.port = port;
    this.log = options.folder().resolve("server.log");
    this.process = start();
  }

  private Process start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + options.heap());
    // As the weft command takes them.
    String more = System.getenv().getOrDefault("WEFT_JAVA_OPTIONS", "").strip();
    command.addAll(more.isEmpty() ? List.of() : List.of(more.split(" +")));
    command.addAll(
        List.of(
            "-jar",
            options.serverJar().toString(),
            "server",
            "--policy",
            options.folder().resolve("policy").toString(),
            "--state",
            state().toString(),
            "--listen",
            "127.0.0.1:" + port,
            "--dashboard",
            "127.0.0.1:0",
            "--svid-ttl",
            options.svidLife().toMinutes() + "m",
            "--tls-provider",
            options.tlsProvider()));
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return started;
  }

  Path state() {
    return options.folder().resolve("state");
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Waits until its port answers. */
  void awaitListening(Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      if (!process.isAlive()) {
        throw new IOException("the server ended; see " + log + ":\n" + Files.readString(log));
      }
      try (Socket socket = new Socket()) {
        socket.connect(address(), 100);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw new IOException("the server does not listen; see " + log, e);
        }
        Thread.sleep(5);
      }
    }
  }

  /** {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void restart() throws IOException, InterruptedException {
    process = start();
  }

  /** Its processor time since its start. */
  ProcessorTime processorTime() throws IOException {
    return ProcessorTime.of(process.pid());
  }

  /** A size in {@code /proc/PID/status}, in MB: {@code VmRSS} now, {@code VmHWM} at most. */
  long megabytes(String key) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      if (line.startsWith(key + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new IOException("no " + key);
  }

  /** Lets it end as it wants to, which is when a flight recording is written. */
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      kill();
    }
  }
}
