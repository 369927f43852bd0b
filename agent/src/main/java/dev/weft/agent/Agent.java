package dev.weft.agent;

import dev.weft.agent.access.AccessGate;
import dev.weft.agent.admin.AdminPage;
import dev.weft.agent.balance.Self;
import dev.weft.agent.bypass.Bypasses;
import dev.weft.agent.bypass.Transports;
import dev.weft.agent.config.JvmTools;
import dev.weft.agent.config.Settings;
import dev.weft.agent.config.SettingsReader;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.ControlPlane;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.drain.Drain;
import dev.weft.agent.health.HealthWatch;
import dev.weft.agent.health.OwnProbes;
import dev.weft.agent.identity.ChosenTls;
import dev.weft.agent.json.Json;
import dev.weft.agent.jul.Logger;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.ExportTarget;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.agent.traffic.ClientTraffic;
import dev.weft.agent.traffic.ServerTraffic;
import dev.weft.agent.weaving.AdviceLinker;
import dev.weft.agent.weaving.Hooks;
import dev.weft.agent.weaving.Packages;
import dev.weft.agent.weaving.Recordings;
import dev.weft.agent.weaving.Weaver;
import dev.weft.agent.wire.InboundActivity;
import dev.weft.agent.wire.WireLayer;
import dev.weft.bootstrap.AdviceDispatch;
import dev.weft.bootstrap.AgentClassLoader;
import dev.weft.bootstrap.Farewell;
import dev.weft.bootstrap.Wire;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.Mesh;
import dev.weft.policy.tree.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Wires the agent, once, in premain: settings, seam, adapters, control plane. Everything that takes
 * time runs on daemon threads of one thread group, by which the wire layer tells our own
 * connections from the application's.
 */
public final class Agent {
  private Agent() {}

  /**
   * Called by the premain class, in the isolated class loader.
   *
   * @throws IllegalArgumentException for a setting with an impossible value
   * @throws IOException when the system refuses what the seam needs
   */
  public static void start(String arguments, java.lang.instrument.Instrumentation instrumentation)
      throws IOException {
    if (JvmTools.isTool(
        System.getProperty("sun.java.command"), System.getProperty("jdk.module.main"))) {
      return;
    }
    List<String> warnings = new ArrayList<>();
    Settings settings =
        SettingsReader.read(arguments, systemProperties(), System.getenv(), warnings::add);
    if (!settings.configured()) {
      // The application runs as if we were absent; but a misspelt weft.server must not go
      // unnoticed.
      warnings.forEach(warning -> System.err.println("weft WARN " + warning));
      return;
    }
    Log log = Log.open(settings.logLevel(), settings.logFile());
    warnings.forEach(log::warn);
    Logger.install(log);
    ThreadGroup own = new OwnThreads(rootGroup(), log);

    Packages packages = new Packages(instrumentation);
    Module agentModule = Agent.class.getModule();
    packages.open(
        "java.base",
        List.of(
            "java.io", "java.lang", "java.net", "java.nio", "java.nio.channels.spi", "sun.nio.ch"),
        agentModule,
        Wire.class.getModule());

    ControlPlane plane = ControlPlane.of(settings, log, own);
    ChosenTls tls =
        ChosenTls.of(
            settings.tlsProvider(), settings.mayHaveIdentity(), plane.identities(), own, log);
    Telemetry telemetry = new Telemetry(settings, plane.snapshots(), new AgentThreads(own), log);
    WireLayer wire =
        new WireLayer(
            plane.snapshots(), tls, plane.identities(), settings.onFailure(), telemetry, own, log);
    wire.onListening(plane::listening, plane::closed);
    ServerTraffic servers =
        new ServerTraffic(
            plane.snapshots(),
            wire,
            new AccessGate(settings.onFailure()),
            telemetry,
            log,
            plane.identities().clock());
    Hooks hooks = new Hooks();
    wire.requestsCheckedBy(
        local -> {
          String library = servers.coveredBy(local);
          return library != null && !hooks.isOff(library);
        });
    Self self = new Self(settings.locality(), settings.address().orElse(""), Map.of());
    ClientTraffic clients = new ClientTraffic(plane.snapshots(), self, telemetry, log);
    wire.requestsObservedBy(clients::reaches);
    OwnProbes probes = new OwnProbes();
    wire.leavesAlone(probes::from);
    servers.leavesAlone(probes::from);
    plane.http(() -> servers.coveredPorts().keySet());
    servers.onCoverage(plane::changed);
    Farewell.install(drain(settings, plane, servers, wire, new AgentThreads(own), log)::run);
    // Not of our own group: the common pool's threads, which this one may start, take its group
    // over.
    AgentThreads timing = new AgentThreads(rootGroup());
    Limit.timedBy(work -> timing.thread("timer", work));
    Mesh.install(clients, servers);
    Transports transports = new Transports(wire::resolve, log);
    Mesh.install(transports);
    Bypasses bypasses = new Bypasses(hooks::isOffSomewhere, plane::changed, log);
    weave(instrumentation, settings, packages, wire, hooks, bypasses, own, log);

    startTelemetry(settings, plane, telemetry);
    settings
        .health()
        .map(check -> HealthWatch.of(check, settings.healthInterval(), probes, plane::healthy, log))
        .ifPresent(watch -> new AgentThreads(own).lasting("health", watch, log));
    plane.start();
    Supplier<Map<String, Object>> status = () -> status(wire, tls, hooks, transports, bypasses);
    plane.status(status);
    plane.unreachable(wire::unreachable);
    wire.onUnreachable(plane::changed);
    startAdmin(settings, plane, wire, status, own, log);
    if (!plane.snapshots().awaitFirst(settings.startupWait())) {
      log.warn(
          "no snapshot after "
              + settings.startupWait().toMillis()
              + " ms, the application starts with weft.on.failure="
              + settings.onFailure().name().toLowerCase(java.util.Locale.ROOT));
    }
  }

  /**
   * Before anything of ours uses the classes that are woven: the JDK's HTTP client is one of them.
   */
  private static void weave(
      java.lang.instrument.Instrumentation instrumentation,
      Settings settings,
      Packages packages,
      WireLayer wire,
      Hooks hooks,
      Bypasses bypasses,
      ThreadGroup own,
      Log log) {
    AgentClassLoader loader = (AgentClassLoader) Agent.class.getClassLoader();
    List<dev.weft.instrumentation.Instrumentation> libraries = new ArrayList<>();
    ServiceLoader.load(dev.weft.instrumentation.Instrumentation.class, loader)
        .forEach(libraries::add);
    Recordings recordings = new Recordings(loader);
    AdviceDispatch.install(new AdviceLinker(libraries, loader, recordings, packages, hooks, log));
    Preload.run(loader, settings.mayHaveIdentity());
    Wire.install(wire, own);
    new Weaver(libraries, settings.disabledInstrumentations(), recordings, hooks, bypasses, log)
        .install(instrumentation);
  }

  private static Drain drain(
      Settings settings,
      ControlPlane plane,
      ServerTraffic servers,
      WireLayer wire,
      AgentThreads threads,
      Log log) {
    return new Drain(
        settings.drainTimeout(),
        plane,
        () -> {
          servers.drain();
          InboundActivity connections = wire.inboundActivity();
          return () -> servers.inFlight() + connections.inUse(System.nanoTime());
        },
        threads,
        log);
  }

  /** With a config server, as soon as there is an identity to show it; else at once. */
  private static void startTelemetry(Settings settings, ControlPlane plane, Telemetry telemetry) {
    if (settings.servers().isEmpty()) {
      telemetry.start(Optional.empty());
      return;
    }
    AtomicBoolean started = new AtomicBoolean();
    plane
        .identities()
        .onChange(
            identity -> {
              if (!started.getAndSet(true)) {
                telemetry.start(
                    Optional.of(
                        new ExportTarget(
                            settings.servers().get(0),
                            plane.controlTls().sslContext(),
                            plane.controlTls().trustManager())));
              }
            });
  }

  private static Map<String, Object> status(
      WireLayer wire, ChosenTls tls, Hooks hooks, Transports transports, Bypasses bypasses) {
    Map<String, Object> status = new LinkedHashMap<>(wire.status());
    status.put("tls", tls.status());
    status.put("hooksOff", hooks.off());
    status.put("nativeTransports", transports.status());
    status.put("bypasses", bypasses.list());
    return status;
  }

  private static void startAdmin(
      Settings settings,
      ControlPlane plane,
      WireLayer wire,
      Supplier<Map<String, Object>> status,
      ThreadGroup own,
      Log log) {
    if (settings.admin().isEmpty()) {
      return;
    }
    String address = settings.admin().get();
    // On a thread of ours, or the page's port would be registered as the application's.
    Thread starter =
        new Thread(
            own,
            () -> {
              try {
                AdminPage.start(address, pages(plane, wire, status), own, log);
              } catch (IOException e) {
                log.error(String.valueOf(e.getMessage()));
              }
            },
            "weft-admin-start",
            0,
            false);
    starter.setDaemon(true);
    starter.start();
  }

  private static Map<String, Supplier<String>> pages(
      ControlPlane plane, WireLayer wire, Supplier<Map<String, Object>> status) {
    return Map.of(
        "/status", () -> Json.text(status.get()),
        "/connections", () -> Json.text(wire.connections()),
        "/snapshot",
            () -> {
              MeshView view = plane.snapshots().current();
              return view == null ? "{}" : Json.text(Trees.toTree(view.snapshot()));
            });
  }

  private static ThreadGroup rootGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }

  private static Map<String, String> systemProperties() {
    Map<String, String> properties = new HashMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      properties.put(name, System.getProperty(name));
    }
    return properties;
  }
}
