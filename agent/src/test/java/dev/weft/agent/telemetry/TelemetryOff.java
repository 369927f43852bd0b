package dev.weft.agent.telemetry;

import dev.weft.agent.config.Settings;
import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.SettingsReader;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;

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
    return SettingsReader.read(
        "service=orders,labels=version=v1",
        Map.of(),
        Map.of(),
        warning -> {
          throw new AssertionError(warning);
        });
  }
}
