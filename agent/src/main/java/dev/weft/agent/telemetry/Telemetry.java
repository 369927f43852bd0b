package dev.weft.agent.telemetry;

import dev.weft.agent.config.Settings;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.Peer;
import dev.weft.policy.TelemetrySettings;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The agent's telemetry. Observes nothing until {@link #start} has brought the SDK up, on a thread
 * of its own; never throws into a request. Thread-safe.
 */
public final class Telemetry {
  /** How long the exit of the JVM may be held up to send what is left. */
  private static final long FLUSH_MILLIS = 1_000;

  private final Settings settings;
  private final Snapshots snapshots;
  private final AgentThreads threads;
  private final Log log;
  private final ConnectionMetrics connections;
  private final AccessLog accessLog;
  private final Consumer<RuntimeException> failures = this::failed;
  private volatile @Nullable Instruments instruments;
  private volatile boolean failedOnce;
  private volatile Party self;

  /**
   * Telemetry that is not started yet.
   *
   * @param threads all of the SDK's threads and connections belong to their group, so that the mesh
   *     does not mesh itself
   */
  public Telemetry(Settings settings, Snapshots snapshots, AgentThreads threads, Log log) {
    this.settings = settings;
    this.snapshots = snapshots;
    this.threads = threads;
    this.log = log;
    this.self = Party.self(settings, "");
    this.connections = new ConnectionMetrics(this::self, settings.service());
    this.accessLog = new AccessLog(this::accessLogFormat, threads, log);
  }

  /** The metrics of connections; they count from now on. */
  public ConnectionMetrics connections() {
    return connections;
  }

  /** The log of connections. */
  public AccessLog accessLog() {
    return accessLog;
  }

  /**
   * Starts the SDK in the background, once.
   *
   * @param target the config server; empty in standalone mode, where only {@code OTEL_*} can name a
   *     receiver
   */
  public void start(Optional<ExportTarget> target) {
    threads.start("telemetry-start", () -> startNow(target));
  }

  private void startNow(Optional<ExportTarget> target) {
    try {
      OpenTelemetrySdk sdk = Sdk.start(settings, target, threads, this::samplingPercent);
      use(new Instruments(sdk, this::self, settings.service(), connections));
      flushAtExit(sdk);
      log.debug("telemetry started");
    } catch (RuntimeException | LinkageError e) {
      log.warn("telemetry off: " + e);
    }
  }

  private void flushAtExit(OpenTelemetrySdk sdk) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> flush(sdk), "weft-telemetry-flush"));
    } catch (IllegalStateException e) {
      // The one reason to throw this: the program has ended before we began, as short ones do.
      log.debug("telemetry is not flushed at the exit: " + e);
    }
  }

  /** Observes with these instruments from now on. */
  void use(Instruments running) {
    instruments = running;
  }

  /** Begins to observe an outbound request. */
  public ClientObservation client(OutboundRequest request) {
    Instruments running = instruments;
    if (running == null) {
      return ClientObservation.NONE;
    }
    try {
      return new SafeClientObservation(running.client(request), failures);
    } catch (RuntimeException e) {
      failed(e);
      return ClientObservation.NONE;
    }
  }

  /**
   * Begins to observe an inbound request.
   *
   * @param host authority without port; may be empty
   * @param rule the access rule that decided
   */
  public ServerObservation server(InboundRequest request, String host, Peer peer, String rule) {
    Instruments running = instruments;
    if (running == null) {
      return ServerObservation.NONE;
    }
    try {
      return new SafeServerObservation(running.server(request, host, peer, rule), failures);
    } catch (RuntimeException e) {
      failed(e);
      return ServerObservation.NONE;
    }
  }

  /** Counts the policies that only watch: those in dry run, and audits. */
  public void judged(AccessDecision decision) {
    Instruments running = instruments;
    if (running == null || (decision.dryRun().isEmpty() && decision.audit().isEmpty())) {
      return;
    }
    try {
      running.watched(decision);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException failure) {
    if (!failedOnce) {
      failedOnce = true;
      log.warn("telemetry lost an observation, later losses are not logged: " + failure);
    }
  }

  private Party self() {
    MeshView view = snapshots.current();
    String spiffeId = view == null ? "" : view.snapshot().inbound().spiffeId();
    Party known = self;
    if (!known.principal().equals(Party.known(spiffeId))) {
      known = Party.self(settings, spiffeId);
      self = known;
    }
    return known;
  }

  private Optional<AccessLogFormat> accessLogFormat() {
    MeshView view = snapshots.current();
    return view == null ? Optional.empty() : view.snapshot().accessLog();
  }

  private double samplingPercent() {
    MeshView view = snapshots.current();
    if (view == null) {
      return MeshSettings.DEFAULT.traceSamplingPercent();
    }
    Optional<Double> own =
        view.snapshot().inbound().telemetry().flatMap(TelemetrySettings::samplingPercent);
    // Not orElse: it would box the mesh's share for each request.
    return own.isPresent() ? own.get() : view.snapshot().mesh().traceSamplingPercent();
  }

  private static void flush(OpenTelemetrySdk sdk) {
    CompletableResultCode spans = sdk.getSdkTracerProvider().forceFlush();
    CompletableResultCode metrics = sdk.getSdkMeterProvider().forceFlush();
    CompletableResultCode.ofAll(List.of(spans, metrics)).join(FLUSH_MILLIS, TimeUnit.MILLISECONDS);
  }
}
