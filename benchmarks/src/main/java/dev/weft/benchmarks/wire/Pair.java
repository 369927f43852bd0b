package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.ground.ProcessUse;
import dev.weft.benchmarks.ground.Program;
import dev.weft.benchmarks.ground.Window;
import dev.weft.benchmarks.wire.app.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A variant that runs: client and server JVM, and its sidecars if it has any. One thread. */
final class Pair implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<Program> programs = new ArrayList<>();
  private final Program client;
  private final Program server;
  private final Variant variant;
  private final Ground ground;
  private final int probedPort;

  /**
   * Starts all of it.
   *
   * @throws IOException saying why this variant is not available
   */
  Pair(Ground ground, Stack stack, Variant variant, String name) throws IOException {
    this.variant = variant;
    this.ground = ground;
    Path folder = Files.createDirectories(ground.folder().resolve(name));
    String transport = variant.transport().name();
    String certificates = ground.certificates().toString();
    try {
      List<String> serverCommand = ground.jvm(variant, "server");
      serverCommand.addAll(List.of(stack.server().getName(), transport, certificates));
      server = start("server", folder, serverCommand);
      int serverPort = Integer.parseInt(field(server.answer(START), "port"));
      int clientTarget = serverPort;
      int probed = serverPort;
      if (variant.sidecar() != Variant.Sidecar.NONE) {
        Sidecars sidecars =
            Sidecars.start(variant.sidecar(), serverPort, ground.certificates(), folder);
        programs.addAll(sidecars.programs());
        clientTarget = sidecars.clientPort();
        probed = sidecars.serverPort();
      }
      List<String> clientCommand = ground.jvm(variant, "client");
      clientCommand.addAll(
          List.of(
              stack.client().getName(), transport, certificates, Integer.toString(clientTarget)));
      client = start("client", folder, clientCommand);
      client.answer(START);
      probedPort = probed;
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Program start(String name, Path folder, List<String> command) throws IOException {
    Program program = Program.start(name, folder, command);
    programs.add(program);
    return program;
  }

  /** Finds out what the server port, or that of the server's sidecar, speaks. */
  Probe probe() throws IOException, GeneralSecurityException {
    boolean agent = variant.mesh() == Variant.Mesh.JSSE || variant.mesh() == Variant.Mesh.OPENSSL;
    return Probe.of(
        probedPort,
        Certificates.of(ground.certificates(), "client"),
        agent ? List.of("weft/1") : List.of());
  }

  /**
   * A command to the client, and what all processes together took meanwhile.
   *
   * @param seconds how long the command is meant to take
   */
  Window run(String command, double seconds) throws IOException {
    Map<Long, ProcessUse> before = use();
    Map<String, String> answer = client.ask(command, PATIENCE.plusMillis((long) (seconds * 1000)));
    Map<Long, ProcessUse> after = use();
    double cpu = 0;
    for (Map.Entry<Long, ProcessUse> process : before.entrySet()) {
      ProcessUse now = after.get(process.getKey());
      if (now != null) {
        cpu += ProcessUse.seconds(process.getValue(), now);
      }
    }
    return new Window(answer, cpu);
  }

  private Map<Long, ProcessUse> use() throws IOException {
    Map<Long, ProcessUse> use = new HashMap<>();
    for (Program program : programs) {
      use.put(program.pid(), ProcessUse.of(program.pid()));
    }
    return use;
  }

  /** The process ids of client and server. */
  List<Long> jvms() {
    return List.of(client.pid(), server.pid());
  }

  /** Starts a flight recording in both JVMs. */
  void record(Path clientFile, Path serverFile) throws IOException {
    client.ask("profile " + clientFile, PATIENCE);
    server.ask("profile " + serverFile, PATIENCE);
  }

  /** Ends both recordings. */
  void recorded() throws IOException {
    client.ask("profiled", PATIENCE);
    server.ask("profiled", PATIENCE);
  }

  /**
   * Bytes that all processes hold: their resident memory, with the objects that survive a
   * collection in the place of the heap, which is resident as a whole.
   */
  long footprint() throws IOException {
    long bytes = 0;
    for (Program jvm : List.of(client, server)) {
      bytes += Long.parseLong(field(jvm.ask("gc", PATIENCE), "heap")) - (256L << 20);
    }
    for (Program program : programs) {
      bytes += ProcessUse.proportionalSetSize(program.pid());
    }
    return bytes;
  }

  private static String field(Map<String, String> answer, String name) throws IOException {
    String value = answer.get(name);
    if (value == null) {
      throw new IOException("no " + name + " in " + answer);
    }
    return value;
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
  }
}
