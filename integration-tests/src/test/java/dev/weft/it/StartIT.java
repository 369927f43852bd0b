package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.VirtualMachine;
import dev.weft.server.demo.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** An application starts and ends under the agent as it does without. */
@OnEachJdk
class StartIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int COLD_STARTS = Integer.getInteger("weft.coldStarts", 2);

  /** Time that a loaded machine may take for nothing. */
  private static final Duration NOISE = Duration.ofSeconds(2);

  /** They were 2,195 on JDK 17 and 2,068 on 25 when this was written. */
  private static final int MOST_CLASSES = 2_300;

  private static final Pattern LOADED = Pattern.compile("\\[(\\d+)]\\s*(\\S+) source: (.*)");

  @Parameter private Jdk jdk;

  @Test
  void noClassOfTheAgentIsFirstLoadedInsideASocketCall() throws Exception {
    LoneWorkload lone = LoneWorkload.of("first-use", jdk);
    Path log = lone.folder().resolve("classes.log");

    LoneWorkload.assertHeld(
        lone.play("FirstUse", jdk, "-Xlog:class+load=info:file=" + log + ":tid:filecount=0"));

    assertThat(loadedByTheProgramsThread(log)).isEmpty();
  }

  /** Classes of ours that the thread loaded that loaded the program. */
  private static List<String> loadedByTheProgramsThread(Path log) throws IOException {
    List<String> ours = new ArrayList<>();
    String thread = null;
    for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
      Matcher loaded = LOADED.matcher(line);
      if (!loaded.find()) {
        continue;
      }
      String name = loaded.group(2);
      if (name.equals("app.FirstUse")) {
        thread = loaded.group(1);
      } else if (loaded.group(1).equals(thread) && isOurs(name, loaded.group(3))) {
        ours.add(name);
      }
    }
    assertThat(thread).as("the program's class in %s", log).isNotNull();
    return ours;
  }

  @Test
  void theAgentLoadsFewClasses() throws Exception {
    LoneWorkload lone = LoneWorkload.of("few-classes", jdk);
    Path log = lone.folder().resolve("classes.log");

    LoneWorkload.assertHeld(
        lone.play(
            "FirstUse",
            jdk,
            "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:9",
            "-Xlog:class+load=info:file=" + log + ":tid:filecount=0"));

    Map<String, Integer> byPackage = new TreeMap<>();
    for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
      Matcher loaded = LOADED.matcher(line);
      if (loaded.find() && isOurs(loaded.group(2), loaded.group(3))) {
        byPackage.merge(loaded.group(2).replaceFirst("\\.[^.]*$", ""), 1, Integer::sum);
      }
    }
    int classes = byPackage.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(classes).as("classes of the agent: %s", byPackage).isBetween(500, MOST_CLASSES);
  }

  /** Also of its libraries: other loaders tell where they have a class from. */
  private static boolean isOurs(String name, String source) {
    return name.startsWith("dev.weft.") || source.equals("__JVM_DefineClass__");
  }

  @Test
  void coldStartsInAStormOfClassLoadingDoNotHang() throws Exception {
    LoneWorkload lone = LoneWorkload.of("storm", jdk);
    for (int i = 0; i < COLD_STARTS; i++) {
      Child storm = lone.play("Storm", jdk.withEveryCompiler());
      LoneWorkload.assertHeld(storm);
      assertThat(storm.awaitExit(PATIENCE)).isZero();
    }
  }

  @Test
  void anAgentOnTheCommandLineTwiceDoesItsWorkOnceAndSaysSo() throws Exception {
    Child program =
        LoneWorkload.of("twice", jdk).play("FirstUse", jdk, "-javaagent:" + Built.JARS.agent());

    LoneWorkload.assertHeld(program);

    await() // its lines come by another pipe
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(program.stderr().lines().filter(line -> line.contains("loaded already")))
                    .hasSize(1));
  }

  @Test
  void anAgentAttachedLaterTakesCareOfNewConnectionsAndLeavesOldOnesAlone() throws Exception {
    LoneWorkload lone = LoneWorkload.of("attach", jdk);
    List<String> command = jdk.launcher();
    command.addAll(lone.settings());
    command.addAll(List.of("-cp", Built.programs(), "app.Attached"));
    Child program = lone.start("Attached", command);
    program.awaitLine("ready", PATIENCE);

    attach(program);
    attach(program);
    program.stdin().write('\n');
    program.stdin().flush();

    program.awaitLine("done", PATIENCE);
    assertThat(program.stdout())
        .containsExactly(
            "ready", "the old connection passes ok", "a new connection is of the mesh ok", "done");
    await() // its lines come by another pipe
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(program.stderr().lines().filter(line -> line.contains("loaded already")))
                    .hasSize(1));
  }

  private static void attach(Child program) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(program.pid()));
    try {
      machine.loadAgent(Built.JARS.agent().toString());
    } finally {
      machine.detach();
    }
  }

  @Test
  void theJvmEndsAsFastAsWithoutTheAgent() throws Exception {
    LoneWorkload lone = LoneWorkload.of("exit", jdk);
    for (String way : List.of("return", "exit", "hook", "halt")) {
      Child program =
          lone.run("exit-" + way, jdk, List.of("-cp", Built.programs(), "app.Exit", way));
      program.awaitLine("done", PATIENCE);
      long begin = System.nanoTime();
      assertThat(program.awaitExit(PATIENCE)).as(way).isEqualTo(way.equals("return") ? 0 : 3);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).as(way).isLessThan(NOISE);
    }
  }

  /** What lies at the root of the jar is on the application's class path. */
  @Test
  void theJarShowsNothingToResourceAndServiceLookups() throws IOException {
    try (JarFile jar = new JarFile(Built.JARS.agent().toFile())) {
      assertThat(jar.stream().map(JarEntry::getName))
          .allMatch(
              name ->
                  name.startsWith("inst/")
                      || name.startsWith("dev/")
                      || name.equals("META-INF/")
                      || name.equals("META-INF/MANIFEST.MF")
                      || name.equals("META-INF/LICENSE"))
          .filteredOn(name -> name.startsWith("inst/"))
          .noneMatch(name -> name.endsWith(".class"));
    }
  }
}
