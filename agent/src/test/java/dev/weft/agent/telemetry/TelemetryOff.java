package dev.weft.agent.telemetry;

import dev.weft.agent.config.Settings;
import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Telemetry that is never started, for tests of others. */
public final class TelemetryOff {
  private TelemetryOff() {}

  /** Observes nothing. */
  public static Telemetry telemetry() {
    Log silent = new Log(LogLevel.ERROR, new PrintStream(OutputStream.nullOutputStream()));
    return new Telemetry(settings(), new Snapshots(silent), threads(), silent);
  }

  static AgentThreads threads() {
    return new AgentThreads(new ThreadGroup("weft"));
  }

  static Settings settings() {
    return new Settings(
        true,
        "orders",
        "default",
        "orders",
        Map.of("version", "v1"),
        Map.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(5),
        Settings.OnFailure.CLOSED,
        Settings.TlsProvider.AUTO,
        Set.of(),
        LogLevel.INFO,
        Optional.empty(),
        Optional.empty());
  }
}
