package dev.weft.it.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a process holds after a full collection.
 *
 * @param threads by name without its numbers
 * @param files open descriptors, sockets among them
 * @param halfClosed sockets whose peer has closed and whose owner has not
 * @param direct bytes of direct buffers
 * @param heap bytes that are reachable
 * @param ours objects of the agent that stand for something under way, by class
 */
record Residue(
    Map<String, Integer> threads,
    int files,
    int halfClosed,
    long direct,
    long heap,
    Map<String, Integer> ours) {
  private static final String CLOSE_WAIT = "08";
  private static final List<String> UNDER_WAY =
      List.of(
          "dev.weft.agent.traffic.OutboundExchange",
          "dev.weft.agent.traffic.InboundExchange",
          "dev.weft.agent.wire.MeshConnection",
          "dev.weft.agent.wire.Dialing");

  /** Looks at a process. */
  static Residue of(Instance instance) throws IOException, InterruptedException {
    String[] told = instance.tell("residue").split(" ");
    Map<String, Integer> threads = new TreeMap<>();
    for (String entry : told[1].split(",")) {
      String[] pair = entry.split("=");
      threads.put(pair[0], Integer.valueOf(pair[1]));
    }
    long pid = instance.child().pid();
    List<String> files = descriptors(pid);
    Map<String, Integer> ours = new TreeMap<>();
    long heap = 0;
    Process histogram =
        new ProcessBuilder(
                instance.jdk().tool("jcmd").toString(), Long.toString(pid), "GC.class_histogram")
            .start();
    try (BufferedReader lines = histogram.inputReader()) {
      for (String line : lines.lines().toList()) {
        String[] words = line.strip().split("\\s+");
        if (words.length > 3 && UNDER_WAY.contains(words[3])) {
          ours.put(words[3].substring(words[3].lastIndexOf('.') + 1), Integer.valueOf(words[1]));
        } else if (words[0].equals("Total")) {
          heap = Long.parseLong(words[2]);
        }
      }
    }
    if (heap == 0) {
      throw new IOException("no histogram of " + instance.child().name());
    }
    return new Residue(
        threads, files.size(), halfClosed(pid, files), Long.parseLong(told[0]), heap, ours);
  }

  private static List<String> descriptors(long pid) throws IOException {
    List<String> targets = new ArrayList<>();
    try (Stream<Path> links = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path link : links.toList()) {
        try {
          targets.add(Files.readSymbolicLink(link).toString());
        } catch (NoSuchFileException e) {
          // closed meanwhile
        }
      }
    }
    return targets;
  }

  private static int halfClosed(long pid, List<String> descriptors) throws IOException {
    int count = 0;
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "net", table))) {
        String[] words = line.strip().split("\\s+");
        if (words.length > 9
            && words[3].equals(CLOSE_WAIT)
            && descriptors.contains("socket:[" + words[9] + "]")) {
          count++;
        }
      }
    }
    return count;
  }

  /** How many threads there are of a kind. */
  int threads(Predicate<String> name) {
    return threads.entrySet().stream()
        .filter(entry -> name.test(entry.getKey()))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }
}
