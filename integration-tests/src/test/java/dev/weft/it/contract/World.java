package dev.weft.it.contract;

import clients.Outcome;
import dev.weft.it.Built;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the stories of a run share: backends, policy, and the program that calls, under the agent
 * and without. The policy does not change, and each story has Services of its own, so they do not
 * disturb each other. Its files lie in {@code target/stories/contract/<run>}.
 */
final class World implements AutoCloseable {
  private final Run run;
  private final Path folder;
  private final Map<String, Upstream> upstreams;
  private final Collector collector;
  private final ClientProgram meshed;
  private ClientProgram plain;

  private World(Run run, Path folder, Declarations declared) throws IOException {
    this.run = run;
    this.folder = folder;
    this.upstreams = declared.upstreams();
    Path policy = folder.resolve("policy");
    clear(policy);
    for (Map.Entry<String, String> document : declared.documents().entrySet()) {
      Files.writeString(policy.resolve(document.getKey() + ".yaml"), document.getValue());
    }
    Files.writeString(folder.resolve("hosts"), hosts());
    this.collector = Collector.open();
    this.meshed = program("meshed", underTheAgent(policy), collector.environment());
  }

  static World start(Run run) throws IOException {
    Path folder = Built.stories().resolve("contract").resolve(run.file());
    Files.createDirectories(folder.resolve("logs"));
    Files.createDirectories(folder.resolve("policy"));
    Declarations declarations = new Declarations();
    ClientContract.declare(declarations);
    return new World(run, folder, declarations);
  }

  /** Documents of an earlier build would still be in force. */
  private static void clear(Path policy) throws IOException {
    try (Stream<Path> old = Files.list(policy)) {
      for (Path document : old.toList()) {
        Files.delete(document);
      }
    }
  }

  private List<String> underTheAgent(Path policy) {
    return List.of(
        "-javaagent:" + Built.JARS.agent(),
        "-Dweft.service=caller",
        "-Dweft.startup.wait=60s",
        "-Dweft.policy=" + policy);
  }

  /** Names of Services, for a JVM that knows no mesh. */
  private String hosts() {
    return upstreams.keySet().stream()
        .map(name -> "127.0.0.1 " + name + "\n")
        .collect(Collectors.joining());
  }

  private ClientProgram program(String name, List<String> options, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(run.jdk().launcher());
    // Applications that set Origin, or Host, need it; others do not notice.
    command.add("-Dsun.net.http.allowRestrictedHeaders=true");
    command.add("-Djavax.net.ssl.trustStore=" + Keys.of("secure").file());
    command.add("-Djavax.net.ssl.trustStorePassword=" + Keys.PASSWORD);
    command.addAll(options);
    command.addAll(List.of("-cp", run.version().classPath(), "clients.Main"));
    return ClientProgram.start(
        name, command, environment, run.library().program(), folder.resolve("logs"));
  }

  Upstream service(String name) {
    Upstream upstream = upstreams.get(name);
    if (upstream == null) {
      throw new IllegalArgumentException("no story declares the service " + name);
    }
    return upstream;
  }

  /** Sends a request under the agent. */
  Sent send(Request request) throws IOException {
    return meshed.send(request.order());
  }

  /** Sends a request without the agent. */
  Outcome sendPlain(Request request) throws IOException, InterruptedException {
    return startPlain(request).outcome();
  }

  /** Sends a request without the agent and does not wait. */
  Sent startPlain(Request request) throws IOException {
    return plain().send(request.order());
  }

  private synchronized ClientProgram plain() throws IOException {
    if (plain == null) {
      plain =
          program("plain", List.of("-Djdk.net.hosts.file=" + folder.resolve("hosts")), Map.of());
    }
    return plain;
  }

  /** What the agent tells about requests. */
  Collector collector() {
    return collector;
  }

  /** How many objects of a class are alive under the agent. */
  long instancesOf(String className) throws IOException {
    String pid = Long.toString(meshed.child().pid());
    Process histogram =
        new ProcessBuilder(run.jdk().tool("jcmd").toString(), pid, "GC.class_histogram").start();
    try (BufferedReader lines = histogram.inputReader()) {
      return lines
          .lines()
          .map(line -> line.strip().split("\\s+"))
          .filter(words -> words.length > 3 && words[3].equals(className))
          .mapToLong(words -> Long.parseLong(words[1]))
          .sum();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      meshed.close();
      if (plain != null) {
        plain.close();
      }
    } finally {
      collector.close();
      for (Upstream upstream : upstreams.values()) {
        for (Backend backend : upstream.backends()) {
          backend.close();
        }
      }
    }
    String complaints =
        meshed.child().stderr().lines().filter(World::complains).collect(Collectors.joining("\n"));
    if (!complaints.isEmpty()) {
      throw new AssertionError("the agent of " + run + " complained: " + complaints);
    }
  }

  private static boolean complains(String line) {
    return line.contains("weft ERROR");
  }
}
