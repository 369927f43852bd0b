package dev.weft.server.registry;

import dev.weft.policy.compile.Workload;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Which ports of workloads clients do not get through to, by what their agents say. An agent may be
 * mistaken, cut off, or hostile, so the word of one identity alone takes nobody's traffic away:
 *
 * <ul>
 *   <li>two identities must say so within a window, or one and this server, whose own connect was
 *       refused. One that nobody answers proves nothing: the server may have no way there;
 *   <li>of the workloads of a service that listen on a port, at most half are ever suspects;
 *   <li>a suspect comes back when this server gets through to it and nobody has complained for a
 *       moment, or when nobody has for long. Whoever is called again shows again how it is.
 * </ul>
 *
 * <p>Everything is bounded: complaints of an identity, ports under complaint, probes at a time. The
 * server connects only to where a workload's own agent connects from. Thread-safe; the prober and
 * the registry are called without the lock.
 */
public final class Suspicions {
  /** How long a complaint counts. */
  static final Duration WINDOW = Duration.ofSeconds(30);

  /** A suspect of whom nobody has complained for so long is none, whatever a probe says. */
  static final Duration LONGEST = Duration.ofSeconds(60);

  /** Between two probes of a port; and the least time for which one is suspect. */
  static final Duration PROBE_EVERY = Duration.ofSeconds(5);

  static final int MOST_OF_ONE_IDENTITY = 256;
  private static final int MOST_PORTS = 10_000;
  private static final int MOST_IDENTITIES = 8;
  private static final int MOST_PROBES = 16;

  private final LongSupplier nanos;
  private final Prober prober;
  private final Registry registry;

  // Guarded by this.
  private final Map<String, Set<Port>> inbox = new HashMap<>();
  private final Map<Port, Case> cases = new HashMap<>();
  private int probing;

  /** How a connect of this server's went. */
  public enum Answer {
    CONNECTED,
    REFUSED,
    /** Nobody answered, or there is no way. */
    NONE
  }

  /** Connects. */
  public interface Prober {
    /** Returns at once; tells the answer later, and always. */
    void probe(InetAddress address, int port, Consumer<Answer> answer);
  }

  /** Where clients connect to. */
  private record Port(InetAddress address, int number) {}

  private static final class Case {
    final Map<String, Long> complaints = new LinkedHashMap<>();
    long complainedAt;
    boolean probing;
    long probedAt;
    Optional<Answer> probed = Optional.empty();
    boolean suspect;

    /** The last answer, unless it is too old to count. */
    boolean answered(Answer answer, long now) {
      return probed.equals(Optional.of(answer)) && now - probedAt < WINDOW.toNanos();
    }
  }

  /** No suspicion yet; {@code nanos} is a monotonic clock. */
  public Suspicions(LongSupplier nanos, Prober prober, Registry registry) {
    this.nanos = nanos;
    this.prober = prober;
    this.registry = registry;
  }

  /**
   * Takes down that an identity does not get through to these endpoints, {@code address:port}.
   * Judged at the next {@link #judge}; what is no endpoint, or too much, is ignored.
   */
  public synchronized void complain(String identity, Collection<String> endpoints) {
    for (String endpoint : endpoints) {
      Set<Port> of = inbox.computeIfAbsent(identity, key -> new HashSet<>());
      if (of.size() >= MOST_OF_ONE_IDENTITY || inbox.size() > MOST_PORTS) {
        return;
      }
      port(endpoint).ifPresent(of::add);
    }
  }

  private static Optional<Port> port(String endpoint) {
    int colon = endpoint.lastIndexOf(':');
    String address = colon < 0 ? "" : endpoint.substring(0, colon);
    if (!NetUtil.isValidIpV4Address(address) && !NetUtil.isValidIpV6Address(address)) {
      return Optional.empty();
    }
    try {
      int number = Integer.parseInt(endpoint.substring(colon + 1));
      return Optional.of(new Port(NetUtil.createInetAddressFromIpAddressString(address), number));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Judges what has come in; called about once a second, never by two threads at a time. */
  public void judge() {
    Map<Port, List<Registration>> listeners;
    List<Port> toProbe = new ArrayList<>();
    synchronized (this) {
      if (inbox.isEmpty() && cases.isEmpty()) {
        return;
      }
      listeners = listeners();
      long now = nanos.getAsLong();
      inbox.forEach(
          (identity, ports) -> ports.forEach(port -> open(identity, port, listeners, now)));
      inbox.clear();
      cases.keySet().retainAll(listeners.keySet());
      cases.values().removeIf(one -> over(one, now));
      settle(listeners, now);
      cases.forEach(
          (port, one) -> {
            if (probing < MOST_PROBES && due(port, one, listeners, now)) {
              one.probing = true;
              one.probedAt = now;
              probing++;
              toProbe.add(port);
            }
          });
    }
    tell(listeners);
    for (Port port : toProbe) {
      prober.probe(port.address(), port.number(), answer -> probed(port, answer));
    }
  }

  /** Of workloads that are there; where nobody listens there is nothing to suspect. */
  private Map<Port, List<Registration>> listeners() {
    Map<Port, List<Registration>> listeners = new HashMap<>();
    for (Registration registration : registry.registrations()) {
      Workload workload = registration.workload();
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(workload.address());
      for (int number : workload.listening()) {
        listeners
            .computeIfAbsent(new Port(address, number), key -> new ArrayList<>())
            .add(registration);
      }
    }
    return listeners;
  }

  private void open(String identity, Port port, Map<Port, List<Registration>> listeners, long now) {
    if (!listeners.containsKey(port) || cases.size() >= MOST_PORTS) {
      return;
    }
    Case one = cases.computeIfAbsent(port, key -> new Case());
    if (one.complaints.size() < MOST_IDENTITIES || one.complaints.containsKey(identity)) {
      one.complaints.put(identity, now);
      one.complainedAt = now;
    }
  }

  /** Whether nothing speaks against the port any more. */
  private static boolean over(Case one, long now) {
    one.complaints.values().removeIf(at -> now - at >= WINDOW.toNanos());
    long quiet = now - one.complainedAt;
    boolean reached =
        one.answered(Answer.CONNECTED, now)
            && one.probedAt - one.complainedAt > 0
            && quiet >= PROBE_EVERY.toNanos();
    return reached || (one.suspect ? quiet >= LONGEST.toNanos() : one.complaints.isEmpty());
  }

  private void settle(Map<Port, List<Registration>> listeners, long now) {
    cases.forEach(
        (port, one) -> {
          int witnesses = one.complaints.size() + (one.answered(Answer.REFUSED, now) ? 1 : 0);
          if (!one.suspect && !one.complaints.isEmpty() && witnesses >= 2) {
            one.suspect = room(port, listeners);
          }
        });
  }

  /** Whether one more suspect leaves at least half of the service's workloads on this port. */
  private boolean room(Port suspect, Map<Port, List<Registration>> listeners) {
    for (Registration one : listeners.getOrDefault(suspect, List.of())) {
      int all = 0;
      int suspects = 0;
      for (Map.Entry<Port, List<Registration>> entry : listeners.entrySet()) {
        Port port = entry.getKey();
        if (port.number() == suspect.number()) {
          int fellows = (int) entry.getValue().stream().filter(o -> fellow(o, one)).count();
          Case known = cases.get(port);
          all += fellows;
          suspects += port.equals(suspect) || (known != null && known.suspect) ? fellows : 0;
        }
      }
      if (suspects * 2 > all) {
        return false;
      }
    }
    return true;
  }

  /** Of the same service, and ready but for what is suspected here. */
  private static boolean fellow(Registration other, Registration one) {
    return other.workload().ready()
        && other.workload().namespace().equals(one.workload().namespace())
        && other.workload().service().equals(one.workload().service());
  }

  private static boolean due(
      Port port, Case one, Map<Port, List<Registration>> listeners, long now) {
    boolean home =
        listeners.getOrDefault(port, List.of()).stream()
            .anyMatch(r -> r.workload().address().equals(r.remote()));
    boolean waited = one.probed.isEmpty() || now - one.probedAt >= PROBE_EVERY.toNanos();
    return home && waited && !one.probing;
  }

  private synchronized void probed(Port port, Answer answer) {
    probing--;
    Case one = cases.get(port);
    if (one != null) {
      one.probing = false;
      one.probed = Optional.of(answer);
      one.probedAt = nanos.getAsLong();
    }
  }

  private void tell(Map<Port, List<Registration>> listeners) {
    Map<UUID, Set<Integer>> suspects = new HashMap<>();
    synchronized (this) {
      listeners.forEach(
          (port, registrations) -> {
            Case known = cases.get(port);
            for (Registration registration : registrations) {
              Set<Integer> of =
                  suspects.computeIfAbsent(registration.instance(), key -> new TreeSet<>());
              if (known != null && known.suspect) {
                of.add(port.number());
              }
            }
          });
    }
    registry.suspect(suspects);
  }
}
