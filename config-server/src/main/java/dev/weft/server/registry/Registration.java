package dev.weft.server.registry;

import dev.weft.policy.Locality;
import dev.weft.policy.Unready;
import dev.weft.policy.compile.Traits;
import dev.weft.policy.compile.Workload;
import dev.weft.server.authority.Svid;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.protocol.WatchRequest;
import io.netty.util.NetUtil;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A workload as its agent registered it. Immutable.
 *
 * @param instance UUID of the JVM
 * @param svid what its newest certificate proved
 * @param remote where its agent connects from, for people
 * @param workload what policy sees
 * @param since when the stream was opened
 */
public record Registration(
    UUID instance, Svid svid, String remote, Workload workload, Instant since) {

  private static final int MAX_LABELS = 64;
  private static final int MAX_TEXT = 256;
  private static final int MAX_PORTS = 256;
  private static final int MAX_WEIGHT = 1_000_000;
  private static final Pattern PROTOCOL = Pattern.compile("[a-z0-9][a-z0-9./+-]{0,63}");
  private static final Optional<Unready> DRAINS = Optional.of(Unready.DRAINING);

  /**
   * Checks what an agent says about its workload.
   *
   * @param remoteAddress IP literal of its end of the connection
   * @throws Refusal {@code protocol-version} or {@code bad-request}
   */
  public static Registration of(WatchRequest request, Svid svid, String remoteAddress, Instant now)
      throws Refusal {
    if (!request.understood()) {
      throw new Refusal(
          Kind.BAD_REQUEST,
          "protocol-version",
          "This server speaks protocol "
              + WatchRequest.SPOKEN
              + ", the agent asks for "
              + request.protocol()
              + ".");
    }
    UUID instance = instance(request.instance());
    WatchRequest.Claim claim = request.workload();
    text("workload.service", claim.service());
    if (claim.labels().size() > MAX_LABELS) {
      throw bad("workload.labels: expected at most " + MAX_LABELS + ", found more");
    }
    for (Map.Entry<String, String> label : claim.labels().entrySet()) {
      text("workload.labels", label.getKey());
      text("workload.labels." + label.getKey(), label.getValue());
    }
    if (claim.ports().size() > MAX_PORTS) {
      throw bad("workload.ports: expected at most " + MAX_PORTS + ", found more");
    }
    for (Map.Entry<String, Integer> port : claim.ports().entrySet()) {
      text("workload.ports", port.getKey());
      port("workload.ports." + port.getKey(), port.getValue());
    }
    String address = claim.address().filter(given -> !given.isEmpty()).orElse(remoteAddress);
    if (!NetUtil.isValidIpV4Address(address) && !NetUtil.isValidIpV6Address(address)) {
      throw bad("workload.address: expected an IP literal, found \"" + address + "\"");
    }
    String name = claim.service().isEmpty() ? "workload" : claim.service();
    Workload workload =
        new Workload(
            name + "-" + instance.toString().substring(0, 8),
            claim.service(),
            svid.spiffeId().namespace(),
            svid.spiffeId().serviceAccount(),
            svid.spiffeId().toString(),
            address,
            Map.copyOf(claim.labels()),
            ports(request.listening()),
            Map.copyOf(claim.ports()),
            true);
    Traits traits =
        new Traits(
            locality(claim),
            weight(claim),
            protocols(request.protocols()),
            readiness(request.readiness()),
            List.of());
    return new Registration(instance, svid, remoteAddress, workload.with(traits), now);
  }

  private static Optional<Locality> locality(WatchRequest.Claim claim) throws Refusal {
    if (claim.locality().isEmpty()) {
      return Locality.of(claim.labels());
    }
    try {
      return claim.locality().map(Locality::parse);
    } catch (IllegalArgumentException e) {
      throw bad("workload.locality: " + e.getMessage());
    }
  }

  private static Optional<Integer> weight(WatchRequest.Claim claim) throws Refusal {
    if (claim.weight().filter(weight -> weight < 1 || weight > MAX_WEIGHT).isPresent()) {
      throw bad("workload.weight: expected 1 to " + MAX_WEIGHT);
    }
    return claim.weight();
  }

  /**
   * Reads what is spoken on ports.
   *
   * @throws Refusal {@code bad-request}
   */
  public static Map<Integer, String> protocols(Map<Integer, String> byPort) throws Refusal {
    if (byPort.size() > MAX_PORTS) {
      throw bad("protocols: expected at most " + MAX_PORTS + " ports, found " + byPort.size());
    }
    for (Map.Entry<Integer, String> protocol : byPort.entrySet()) {
      port("protocols", protocol.getKey());
      if (!PROTOCOL.matcher(protocol.getValue()).matches()) {
        throw bad("protocols." + protocol.getKey() + ": expected a name such as http or tls");
      }
    }
    return Map.copyOf(byPort);
  }

  /**
   * Reads whether a workload takes new requests; empty: it does.
   *
   * @throws Refusal {@code bad-request}
   */
  public static Optional<Unready> readiness(Optional<String> said) throws Refusal {
    return switch (said.orElse("ready")) {
      case "ready" -> Optional.empty();
      case "failing" -> Optional.of(Unready.FAILING);
      case "draining" -> Optional.of(Unready.DRAINING);
      default -> throw bad("readiness: expected ready, failing or draining");
    };
  }

  /**
   * Reads the UUID of a JVM.
   *
   * @throws Refusal {@code bad-request}
   */
  public static UUID instance(String text) throws Refusal {
    try {
      UUID parsed = UUID.fromString(text);
      if (parsed.toString().equalsIgnoreCase(text)) {
        return parsed;
      }
    } catch (IllegalArgumentException e) {
      // Refused below, together with the short forms that the JDK reads.
    }
    throw bad("instance: expected a UUID, found something else");
  }

  /**
   * Reads the ports an agent listens on: checked, sorted, without duplicates.
   *
   * @throws Refusal {@code bad-request}
   */
  public static List<Integer> ports(Collection<Integer> listening) throws Refusal {
    for (int port : listening) {
      port("listening", port);
    }
    List<Integer> sorted = new ArrayList<>(new TreeSet<>(listening));
    if (sorted.size() > MAX_PORTS) {
      throw bad("listening: expected at most " + MAX_PORTS + " ports, found " + sorted.size());
    }
    return List.copyOf(sorted);
  }

  private static void port(String where, int port) throws Refusal {
    if (port < 1 || port > 65_535) {
      throw bad(where + ": expected a port from 1 to 65535, found " + port);
    }
  }

  private static void text(String where, String text) throws Refusal {
    if (text.length() > MAX_TEXT) {
      throw bad(where + ": expected at most " + MAX_TEXT + " characters, found " + text.length());
    }
  }

  private static Refusal bad(String message) {
    return new Refusal(Kind.BAD_REQUEST, "bad-request", "The request does not fit: " + message);
  }

  /**
   * The same workload as its agent tells of it now. Who drains does so to its end; what clients say
   * of its ports is not its own agent's to tell.
   */
  Registration telling(
      List<Integer> listening, Map<Integer, String> protocols, Optional<Unready> unready) {
    Traits now = workload.traits().speaking(protocols).unready(draining() ? DRAINS : unready);
    return withWorkload(workload.on(listening, workload.ports()).with(now));
  }

  /** The same workload, of which {@code older} has become known to others. */
  Registration succeeding(Registration older) {
    Traits now = workload.traits().suspect(older.workload.traits().suspects());
    return withWorkload(
        workload.named(older.workload.id()).with(older.draining() ? now.unready(DRAINS) : now));
  }

  Registration drained() {
    return withWorkload(workload.with(workload.traits().unready(DRAINS)));
  }

  boolean draining() {
    return workload.traits().unready().equals(DRAINS);
  }

  Registration suspected(Iterable<Integer> ports) {
    Traits now = workload.traits().suspect(ports);
    return now.equals(workload.traits()) ? this : withWorkload(workload.with(now));
  }

  Registration named(String id) {
    return withWorkload(workload.named(id));
  }

  Registration renewed(Svid newer) {
    return new Registration(instance, newer, remote, workload, since);
  }

  private Registration withWorkload(Workload changed) {
    return new Registration(instance, svid, remote, changed, since);
  }
}
