package dev.weft.agent.control;

import dev.weft.agent.config.Settings;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.MeshClock;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.json.Json;
import dev.weft.agent.log.Log;
import dev.weft.policy.Snapshot;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stays connected with the config server: enrols, watches, applies, and comes back after every
 * loss. What cannot be applied is refused (nack) and the last good snapshot stays.
 *
 * <p>Each problem is one line in the log, however often it repeats; the next line comes when it
 * changes or is over. Confined to its thread.
 */
final class ControlClient implements Runnable {
  /** The server pings every 5 s; three missed ones are a lost server. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final Settings settings;
  private final ControlApi api;
  private final Enroller enroller;
  private final SnapshotIntake intake;
  private final PartIntake parts;
  private final Snapshots snapshots;
  private final SnapshotCache cache;
  private final IdentityStore identities;
  private final Reporter reporter;
  private final WorkloadDescription self;
  private final Executor executor;
  private final Pauses pauses;
  private final InstantSource clock;
  private final Log log;
  private final Backoff backoff;
  private String problem = "";
  private volatile @Nullable URI lastGood;

  ControlClient(
      Settings settings,
      ControlApi api,
      Enroller enroller,
      SnapshotIntake intake,
      Snapshots snapshots,
      IdentityStore identities,
      Reporter reporter,
      WorkloadDescription self,
      Executor executor,
      Pauses pauses,
      InstantSource clock,
      RandomGenerator dice,
      Log log) {
    this.settings = settings;
    this.api = api;
    this.enroller = enroller;
    this.intake = intake;
    this.parts = new PartIntake(intake);
    this.snapshots = snapshots;
    this.cache = SnapshotCache.of(settings, log);
    this.identities = identities;
    this.reporter = reporter;
    this.self = self;
    this.executor = executor;
    this.pauses = pauses;
    this.clock = clock;
    this.log = log;
    this.backoff = new Backoff(dice, clock.instant());
  }

  /** The server to renew at: the one that answered last, else the first. */
  URI server() {
    URI good = lastGood;
    return good != null ? good : settings.servers().get(0);
  }

  /** Whether some server has ever taken our registration. */
  boolean registered() {
    return lastGood != null;
  }

  /** Runs until interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        Duration pause = tryServers();
        if (snapshots.current() == null) {
          useCache();
        }
        pauses.pause(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * One round over all servers, beginning with the one that worked last: servers that disagree
   * about policy shall not take turns. Returns how long to wait before the next round.
   */
  private Duration tryServers() throws InterruptedException {
    List<URI> servers = new ArrayList<>(settings.servers());
    if (servers.remove(server())) {
      servers.add(0, server());
    }
    boolean onlyRefusals = true;
    boolean nobodyThere = true;
    Duration busy = Duration.ZERO;
    for (URI server : servers) {
      try {
        enroller.ensureIdentity(server);
        watch(server);
        return backoff.afterFailure(clock.instant());
      } catch (BusyException e) {
        onlyRefusals = false;
        nobodyThere = false;
        busy = e.retryAfter();
        tell(false, server, e);
      } catch (RefusedException e) {
        nobodyThere = false;
        tell(true, server, e);
      } catch (IOException | RuntimeException e) {
        onlyRefusals = false;
        nobodyThere &= e instanceof ConnectException;
        tell(false, server, e);
      }
    }
    if (!busy.isZero()) {
      return backoff.afterBusy(busy);
    }
    if (onlyRefusals) {
      return backoff.afterRefusal();
    }
    return nobodyThere
        ? backoff.afterRefusedConnect(clock.instant())
        : backoff.afterFailure(clock.instant());
  }

  private void tell(boolean refused, URI server, Exception e) {
    String reason = RefusedException.describe(e);
    String now = server + reason;
    if (now.equals(problem)) {
      log.debug("config server still in trouble " + server + ": " + reason);
      return;
    }
    problem = now;
    if (refused) {
      log.error("config server refused " + server + ": " + reason + "; trying again slowly");
    } else {
      log.warn("config server not reached " + server + ": " + reason + "; trying again");
    }
  }

  /**
   * Watches until the stream ends. Returns when a stream that had worked is lost, throws when it
   * never did.
   */
  private void watch(URI server) throws IOException, InterruptedException {
    try (Lines lines = open(server)) {
      String line = lines.next(SILENCE);
      if (line == null) {
        throw new IOException("the config server ended the stream at once");
      }
      backoff.connected();
      lastGood = server;
      problem = "";
      log.info("config server connected " + server);
      reporter.connected(server);
      snapshots.wants().connected(() -> executor.execute(() -> sendWants(server)));
      try {
        while (line != null) {
          receive(line);
          if (!enroller.hasIdentity()) {
            throw new IOException("our certificate has expired and was not renewed");
          }
          line = lines.next(SILENCE);
        }
        log.warn("config server gone " + server + ": it ended the stream; reconnecting");
      } catch (IOException e) {
        log.warn(
            "config server gone "
                + server
                + ": "
                + RefusedException.describe(e)
                + "; the last good policy stays, reconnecting");
      } finally {
        reporter.connected(null);
        snapshots.wants().connected(null);
      }
    }
  }

  /** Opens the stream by the newest protocol that the server speaks. */
  private Lines open(URI server) throws IOException, InterruptedException {
    Map<String, Object> held = new LinkedHashMap<>(parts.held());
    held.put("want", snapshots.wants().all());
    parts.begin();
    try {
      return api.stream(server, "/v1/watch", self.watch(heldVersion(), held));
    } catch (RefusedException e) {
      if (!e.code().equals("protocol-version")) {
        throw e;
      }
      log.debug("config server " + server + " speaks protocol 1");
      return api.stream(server, "/v1/watch", self.watch(heldVersion(), Map.of()));
    }
  }

  private void sendWants(URI server) {
    List<String> keys = snapshots.wants().unsent();
    if (keys.isEmpty()) {
      return; // they went with others
    }
    try {
      api.call(server, "/v1/want", Map.of("instance", self.instance(), "services", keys));
      log.debug("asked for services " + keys);
    } catch (IOException e) {
      // The next watch names them again; until then they are not there.
      log.warn("services " + keys + " not asked for: " + RefusedException.describe(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String heldVersion() {
    MeshView view = snapshots.current();
    return view == null ? "" : view.snapshot().version();
  }

  private void receive(String line) throws IOException {
    Map<String, Object> message = Json.object(line);
    Object type = message.get("type");
    if (!"snapshot".equals(type) && !"delta".equals(type)) {
      if ("ping".equals(type)) {
        time(message.get("now"));
      }
      return; // or what a later server may say
    }
    String version = String.valueOf(message.get("version"));
    try {
      Snapshot applied = "delta".equals(type) ? parts.apply(message) : whole(message);
      log.info("policy applied version=" + version + " services=" + applied.services().size());
      reporter.ack(version);
      cache.keep(applied);
    } catch (PartIntake.OutOfStepException e) {
      log.warn("policy out of step version=" + version + ": " + e.getMessage() + "; asking anew");
      reporter.nack(version, String.valueOf(e.getMessage()), true);
    } catch (RefusedException e) {
      log.error(
          "policy refused version="
              + version
              + ": "
              + e.getMessage()
              + (snapshots.current() == null ? "" : "; the last good one stays"));
      reporter.nack(version, String.valueOf(e.getMessage()), false);
    }
  }

  /** Servers of before do not tell. */
  private void time(@Nullable Object now) {
    if (clock instanceof MeshClock mesh && now instanceof String text) {
      try {
        mesh.told(Instant.parse(text));
      } catch (DateTimeParseException e) {
        log.debug("the config server's time is none: " + text);
      }
    }
  }

  private Snapshot whole(Map<String, Object> message) throws RefusedException {
    if (!(message.get("snapshot") instanceof Map<?, ?> tree)) {
      throw new RefusedException("the message has no snapshot");
    }
    Snapshot applied = intake.apply(tree);
    parts.whole();
    return applied;
  }

  /** Without an identity every mesh connection would fail, so a cached policy would only harm. */
  private void useCache() {
    if (identities.current() == null) {
      return;
    }
    Optional<Map<String, Object>> kept = cache.read();
    if (kept.isPresent()) {
      try {
        Snapshot snapshot = intake.apply(kept.get());
        log.warn("policy stale version=" + snapshot.version() + " from weft.state.dir");
      } catch (RefusedException e) {
        log.warn("policy in weft.state.dir not used: " + e.getMessage());
      }
    }
  }
}
