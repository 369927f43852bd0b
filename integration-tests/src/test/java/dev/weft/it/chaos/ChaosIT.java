package dev.weft.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.it.Built;
import dev.weft.it.Jdk;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Five services, harmed in turn, while the policy changes every second: every response is right or
 * an error that the policy allows, nothing is executed twice unless it may be, nothing leaks.
 *
 * <p>{@code -Dweft.chaos.seconds=600} makes the storm last longer, {@code -Dweft.chaos.seed=N}
 * deals the same harm and the same policies again; when exactly they meet a request is up to the
 * machine. What every process wrote lies in {@code target/stories/chaos}.
 */
class ChaosIT {
  private static final long SECONDS = Long.getLong("weft.chaos.seconds", 60);
  private static final long SEED = Long.getLong("weft.chaos.seed", System.nanoTime() % 1_000_000);

  /** From this many on, there is enough to see whether something grows. */
  private static final long LONG = 300;

  private static final int LOOK_SECONDS = 15;
  private static final Duration LONGEST_GAP = Duration.ofSeconds(10);
  private static final double LEAST_SHARE = 0.5;
  private static final Duration QUIET = Duration.ofSeconds(4);
  private static final Duration PATIENCE = Duration.ofSeconds(75);

  private final SplittableRandom dice = new SplittableRandom(SEED);

  @Test
  void everyRequestIsAnsweredAsThePolicyAllowsAndNothingStays() throws Exception {
    say("seed " + SEED + ", " + SECONDS + " s");
    Path folder = Built.stories().resolve("chaos");
    delete(folder);
    Path journals = Files.createDirectories(folder.resolve("journals"));
    Path written = Files.createDirectories(folder.resolve("versions"));
    Path given = Files.createDirectories(folder.resolve("given"));
    for (Map.Entry<String, String> document : Policies.base().entrySet()) {
      Files.writeString(given.resolve(document.getKey()), document.getValue());
    }
    try (LocalMesh mesh =
        LocalMesh.in(folder, Built.JARS, Jdk.current().javaOfMesh(), given, List.of())) {
      mesh.startServer();
      play(mesh, journals, written);
      assertThat(mesh.children()).allSatisfy(ChaosIT::didNotComplain);
    }
  }

  private void play(LocalMesh mesh, Path journals, Path written) throws Exception {
    Policies policies =
        new Policies(
            (version, text) -> {
              Files.writeString(written.resolve(version + ".yaml"), text);
              mesh.edit("chaos.yaml", before -> text);
            });
    Policies.Version first = policies.calm();
    Services services = Services.start(mesh, journals, SEED);
    services.open();
    services.awaitPolicy(first);
    TimeUnit.SECONDS.sleep(5); // what is made once is made
    services.close();
    TimeUnit.MILLISECONDS.sleep(QUIET.toMillis());
    List<Residue> before = services.residues();

    services.open();
    Storm storm = storm(mesh, services, policies);
    services.awaitPolicy(policies.calm());
    long calm = System.nanoTime();
    TimeUnit.SECONDS.sleep(5);
    services.close();

    judge(services.history(), policies, storm, calm);
    leavesNothing(services, before);
    if (SECONDS >= LONG) {
      for (int i = 0; i < before.size(); i++) {
        int survivor = i;
        assertThat(Leaks.trend(storm.seen().stream().map(all -> all.get(survivor)).toList()))
            .isEmpty();
      }
    }
  }

  /**
   * What was done, and what was seen meanwhile.
   *
   * @param seen what the survivors held, from time to time
   */
  private record Storm(List<Hurt> hurts, List<List<Residue>> seen, long from, long to) {}

  private Storm storm(LocalMesh mesh, Services services, Policies policies) throws Exception {
    long from = System.nanoTime();
    SplittableRandom own = dice.split();
    List<List<Residue>> seen = new ArrayList<>();
    ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    try (Conductor conductor = new Conductor(mesh, services.all(), dice.nextLong())) {
      ScheduledFuture<?> change =
          clock.scheduleAtFixedRate(
              () -> unchecked(() -> policies.roll(own)), 0, 1, TimeUnit.SECONDS);
      ScheduledFuture<?> look =
          clock.scheduleWithFixedDelay(
              () -> unchecked(() -> seen.add(services.residues())),
              LOOK_SECONDS,
              LOOK_SECONDS,
              TimeUnit.SECONDS);
      conductor.play(SECONDS);
      assertThat(change.isDone() || look.isDone()).as("failed before the end").isFalse();
      return new Storm(conductor.done(), seen, from, System.nanoTime());
    } finally {
      clock.shutdownNow();
      clock.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void judge(History history, Policies policies, Storm storm, long calm) {
    List<Made> orders = history.all().stream().filter(call -> call.service.equals("gate")).toList();
    List<Made> stormy =
        orders.stream().filter(o -> o.begin > storm.from() && o.begin < storm.to()).toList();
    long right = stormy.stream().filter(ChaosIT::right).count();
    Oracle oracle = Oracle.judge(history, policies, storm.hurts());
    Map<Hurt.Kind, Long> kinds =
        storm.hurts().stream().collect(Collectors.groupingBy(Hurt::kind, Collectors.counting()));
    Duration gap = longestGap(stormy);
    say("done: " + kinds + ", " + policies.count() + " policies, broken " + policies.broken());
    say(right + " of " + stormy.size() + " requests right, longest gap " + gap.toMillis() + " ms");
    say(history.all().size() + " calls; besides the right ones: " + oracle.allowed());

    assertThat(oracle.violations()).isEmpty();
    assertThat(kinds).containsOnlyKeys(Hurt.Kind.values());
    assertThat(policies.broken()).as("broken documents").isPositive();
    assertThat(policies.count()).as("policies").isGreaterThan((int) SECONDS * 3 / 4);
    assertThat(oracle.allowed()).as("retries").containsKey("executed again: GET");
    assertThat(gap).as("time without a right response").isLessThan(LONGEST_GAP);
    assertThat(right).as("right").isGreaterThan((long) (stormy.size() * LEAST_SHARE));
    assertThat(orders.stream().filter(order -> order.begin > calm))
        .as("after the storm")
        .isNotEmpty()
        .allMatch(order -> right(order) || lostToIdleness(history, order));
  }

  private static boolean right(Made call) {
    return call.ending == Made.Ending.RIGHT;
  }

  /** Whether something that it needed met an idle connection as the server closed it. */
  private static boolean lostToIdleness(History history, Made order) {
    return history.requests().get(order.request).stream().anyMatch(Made::lostToIdleness);
  }

  private static Duration longestGap(List<Made> calls) {
    long[] ends =
        calls.stream().filter(ChaosIT::right).mapToLong(call -> call.end).sorted().toArray();
    long longest = 0;
    for (int i = 1; i < ends.length; i++) {
      longest = Math.max(longest, ends[i] - ends[i - 1]);
    }
    return Duration.ofNanos(longest);
  }

  /** Libraries close what is idle in their own time. */
  private static void leavesNothing(Services services, List<Residue> before) {
    List<Residue> after = new ArrayList<>();
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(QUIET)
          .untilAsserted(
              () -> {
                after.clear();
                after.addAll(services.residues());
                for (int i = 0; i < after.size(); i++) {
                  assertThat(Leaks.between(before.get(i), after.get(i))).isEmpty();
                }
              });
    } finally {
      say("held before by customer and gate: " + before);
      say("held after by customer and gate: " + after);
    }
  }

  private static void didNotComplain(Child child) {
    assertThat(child.stderr().lines().filter(line -> line.contains("weft ERROR")))
        .as("what %s complained about", child.name())
        .isEmpty();
  }

  private static void say(String what) {
    System.out.println("chaos: " + what);
  }

  private interface Step {
    Object take() throws Exception;
  }

  private static void unchecked(Step step) {
    try {
      step.take();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
