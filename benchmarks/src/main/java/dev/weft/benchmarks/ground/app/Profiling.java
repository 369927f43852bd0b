package dev.weft.benchmarks.ground.app;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/** A flight recording of this JVM while it is under load. */
public final class Profiling {
  private @Nullable Recording recording;

  public String start(List<String> arguments) throws IOException, ParseException {
    Recording started = new Recording(Configuration.getConfiguration("profile"));
    started.setDestination(Path.of(arguments.get(0)));
    started.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(5));
    started.enable("jdk.NativeMethodSample").withPeriod(Duration.ofMillis(5));
    started.start();
    recording = started;
    return "";
  }

  public String stop() {
    Recording started = recording;
    if (started == null) {
      throw new IllegalStateException("no recording was started");
    }
    started.stop();
    started.close();
    recording = null;
    return "";
  }
}
