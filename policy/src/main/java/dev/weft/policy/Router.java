package dev.weft.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides where calls go. Built once per snapshot: every possible decision is made beforehand and
 * rules are found by host, port and path, so that a decision costs neither the number of services
 * nor that of endpoints or routes of other paths, and allocates next to nothing. Immutable;
 * thread-safe.
 *
 * <p>Paths are compared in {@linkplain Call#normalTarget normal form}, and sent as they were
 * written. A route may send a request to the wrong version, but it never grants anything.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1426/">GEP-1426, mesh routes</a>
 */
public final class Router {
  private static final Decision NO_SERVICE = new Decision.PassThrough("no-service");

  private final Map<String, Target> byHost = new HashMap<>();

  /** Services of wildcard hosts by what follows the star: {@code .example.com}. */
  private final Map<String, Target> bySuffix = new HashMap<>();

  private final Map<String, Target> byKey = new HashMap<>();
  private final Map<String, String> ownLabels;

  /**
   * Indexes a snapshot's services.
   *
   * @throws RuntimeException when an expression of a route is not RE2; the snapshot is unusable
   */
  public Router(Snapshot snapshot) {
    this(snapshot, null);
  }

  /**
   * Indexes a snapshot's services; a service is not worked out again when it and those to which its
   * routes lead are the same objects as in {@code previous}.
   *
   * @throws RuntimeException when an expression of a route is not RE2; the snapshot is unusable
   */
  public Router(Snapshot snapshot, @Nullable Router previous) {
    Destinations destinations = new Destinations(snapshot.services());
    ownLabels = ownLabels(snapshot.inbound());
    Map<String, Target> reusable =
        previous != null && previous.ownLabels.equals(ownLabels) ? previous.byKey : Map.of();
    for (Service service : snapshot.services()) {
      Target known = reusable.get(service.key());
      Target target =
          known != null && known.holds(service, destinations)
              ? known
              : Target.of(service, destinations, ownLabels);
      byKey.putIfAbsent(service.key(), target);
      for (String host : service.hosts()) {
        if (host.startsWith("*")) {
          bySuffix.putIfAbsent(host.substring(1), target);
        } else {
          byHost.putIfAbsent(host, target);
        }
      }
      if (!service.virtualAddress().isEmpty()) {
        byHost.putIfAbsent(service.virtualAddress(), target);
      }
    }
  }

  /** What the source labels of matches are compared with. */
  static Map<String, String> ownLabels(Inbound own) {
    Map<String, String> labels = new HashMap<>(own.labels());
    String id = own.spiffeId();
    labels.put(RouteMatch.SERVICE_ACCOUNT, id.substring(id.lastIndexOf('/') + 1));
    return Map.copyOf(labels);
  }

  /**
   * Pure: the same call, snapshot and dice always give the same decision. No call has a session.
   */
  public Decision decide(Call call, RandomGenerator dice) {
    return decide(call, dice, Sessions.NONE);
  }

  /** Pure: the same call, snapshot, dice and session always give the same decision. */
  public Decision decide(Call call, RandomGenerator dice, Sessions sessions) {
    Target target = target(call.host());
    if (target == null) {
      return NO_SERVICE;
    }
    int port = target.port(call.port());
    return port < 0
        ? target.noPort(call.port())
        : target.requests[port].decide(call, dice, sessions);
  }

  /**
   * Decides where a connection goes of which nobody sees the requests: by {@code TCPRoute}s and
   * {@code TLSRoute}s. Pure.
   *
   * @param host a name or the virtual address of a service
   * @param name what the application connects to, which its own TLS will name, too; may be empty
   */
  public Decision connect(String host, int port, String name, RandomGenerator dice) {
    Target target = target(host);
    if (target == null) {
      return NO_SERVICE;
    }
    int index = target.port(port);
    return index < 0 ? target.noPort(port) : target.connections[index].decide(name, dice);
  }

  /** Whose name a host is. */
  Optional<Service> service(String host) {
    return Optional.ofNullable(target(host)).map(target -> target.service);
  }

  private @Nullable Target target(String host) {
    Target exact = byHost.get(host);
    if (exact != null) {
      return exact;
    }
    String name = canonical(host);
    Target found = name.equals(host) ? null : byHost.get(name);
    return found != null || bySuffix.isEmpty() ? found : wildcard(name);
  }

  /**
   * RFC 9110: hosts have no case. A trailing dot marks a name as complete already. Letters beyond
   * ASCII stay what they are: some of them, such as the Kelvin sign, would become ASCII ones.
   */
  private static String canonical(String host) {
    int end = host.endsWith(".") ? host.length() - 1 : host.length();
    for (int i = 0; i < end; i++) {
      if (isUpper(host.charAt(i))) {
        return lower(host, end);
      }
    }
    return end == host.length() ? host : host.substring(0, end);
  }

  private static String lower(String host, int end) {
    StringBuilder lower = new StringBuilder(end);
    for (int i = 0; i < end; i++) {
      char c = host.charAt(i);
      lower.append(isUpper(c) ? (char) (c + 'a' - 'A') : c);
    }
    return lower.toString();
  }

  private static boolean isUpper(char c) {
    return c >= 'A' && c <= 'Z';
  }

  /** The service with the longest wildcard that fits. */
  private @Nullable Target wildcard(String name) {
    int dot = name.indexOf('.');
    while (dot >= 0) {
      Target found = bySuffix.get(name.substring(dot));
      if (found != null) {
        return found;
      }
      dot = name.indexOf('.', dot + 1);
    }
    return bySuffix.get("");
  }

  /** A service with its ports; the arrays run in parallel, for want of maps of plain numbers. */
  private static final class Target {
    private final Service service;
    private final int[] numbers;
    private final PortRoutes[] requests;
    private final ConnectionRoutes[] connections;

    /** The services for which its routes asked, and what there was. */
    private final Map<String, Optional<Service>> uses;

    private Target(
        Service service,
        int[] numbers,
        PortRoutes[] requests,
        ConnectionRoutes[] connections,
        Map<String, Optional<Service>> uses) {
      this.service = service;
      this.numbers = numbers;
      this.requests = requests;
      this.connections = connections;
      this.uses = uses;
    }

    static Target of(Service service, Destinations destinations, Map<String, String> ownLabels) {
      int[] numbers = service.ports().stream().mapToInt(ServicePort::port).toArray();
      destinations.forgetUses();
      PortRoutes[] requests = new PortRoutes[numbers.length];
      ConnectionRoutes[] connections = new ConnectionRoutes[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        requests[i] = PortRoutes.of(service, numbers[i], destinations, ownLabels);
        connections[i] = ConnectionRoutes.of(service, numbers[i], destinations, ownLabels);
      }
      return new Target(service, numbers, requests, connections, destinations.uses());
    }

    /** Whether it would come out the same again. Equal services are rarely other objects. */
    @SuppressWarnings("ReferenceEquality")
    boolean holds(Service now, Destinations destinations) {
      return service == now
          && uses.entrySet().stream()
              .allMatch(use -> destinations.present(use.getKey()) == use.getValue().orElse(null));
    }

    /** The place of a port in the arrays; negative: the service does not have it. */
    int port(int number) {
      for (int i = 0; i < numbers.length; i++) {
        if (numbers[i] == number) {
          return i;
        }
      }
      return -1;
    }

    Decision noPort(int number) {
      if (!Destinations.balances(service)) {
        return NO_SERVICE; // the world outside has more ports than a document says
      }
      List<String> ports = new ArrayList<>();
      service.ports().forEach(port -> ports.add(Integer.toString(port.port())));
      return new Decision.Reject(
          "no-port",
          503,
          "NR",
          "Service "
              + service.key()
              + " has no port "
              + number
              + "; it has "
              + String.join(", ", ports));
    }
  }
}
