package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;

/** An application starts and ends under the agent as it does without. */
@OnEachJdk
@Execution(ExecutionMode.CONCURRENT)
class StartIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int COLD_STARTS = Integer.getInteger("weft.coldStarts", 2);

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
      } else if (loaded.group(1).equals(thread)
          && (name.startsWith("dev.weft.") || loaded.group(3).equals("__JVM_DefineClass__"))) {
        ours.add(name);
      }
    }
    assertThat(thread).as("the program's class in %s", log).isNotNull();
    return ours;
  }

  @Test
  void coldStartsInAStormOfClassLoadingDoNotHang() throws Exception {
    LoneWorkload lone = LoneWorkload.of("storm", jdk);
    for (int i = 0; i < COLD_STARTS; i++) {
      Child storm = lone.play("Storm", jdk);
      LoneWorkload.assertHeld(storm);
      assertThat(storm.awaitExit(PATIENCE)).isZero();
    }
  }
}
