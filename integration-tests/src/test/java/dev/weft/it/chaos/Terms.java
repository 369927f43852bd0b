package dev.weft.it.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What one version of the policy says of the calls to one service. Immutable. No budget for retries
 * is ever spent, so that nobody else's retries say whether a call may have one.
 *
 * @param attempts after the first; -1: no rule says, so 2
 * @param codes after which a call of any method is sent again
 * @param reset whether idempotent calls are sent again when their connection has died
 * @param requestMillis limit of a call; 0: none
 * @param attemptMillis limit of an attempt; 0: none
 * @param share percent that version 2 gets; -1: no weights, any instance
 * @param outliers whether endpoints are ejected
 * @param most calls under way at once; 0: no limit
 * @param aborts percent that is answered 503 on purpose
 */
record Terms(
    int version,
    String service,
    int attempts,
    List<Integer> codes,
    boolean reset,
    int requestMillis,
    int attemptMillis,
    int share,
    boolean outliers,
    int most,
    int aborts,
    String balancing) {
  private static final int DEFAULT_ATTEMPTS = 2;
  private static final int TIMEOUT = 504;
  private static final List<String> BALANCING = List.of("ROUND_ROBIN", "LEAST_REQUEST", "RANDOM");

  /** Nothing that fails a request, and what helps it. */
  static Terms calm(int version, String service) {
    return new Terms(version, service, 3, List.of(), true, 0, 0, -1, false, 0, 0, "RANDOM");
  }

  /** Anything. */
  static Terms roll(int version, String service, SplittableRandom dice) {
    boolean retries = dice.nextInt(3) > 0;
    List<Integer> codes = new ArrayList<>();
    for (int code : new int[] {500, 502, 503, TIMEOUT}) {
      if (retries && dice.nextBoolean()) {
        codes.add(code);
      }
    }
    boolean limited = dice.nextInt(4) == 0;
    boolean twins = !service.equals("gate");
    int[] shares = {-1, -1, -1, -1, -1, -1, -1, -1, -1, 10, 50, 90};
    return new Terms(
        version,
        service,
        retries ? 1 + dice.nextInt(3) : -1,
        List.copyOf(codes),
        retries && (dice.nextBoolean() || codes.isEmpty() || !virtual(service)),
        limited ? 800 + dice.nextInt(2000) : 0,
        limited && retries ? 300 + dice.nextInt(500) : 0,
        twins ? shares[dice.nextInt(shares.length)] : -1,
        twins && dice.nextInt(3) == 0,
        dice.nextInt(6) == 0 ? 4 + dice.nextInt(8) : 0,
        dice.nextInt(8) == 0 ? 5 : 0,
        BALANCING.get(dice.nextInt(BALANCING.size())));
  }

  /** Whether its documents are Istio's. */
  private static boolean virtual(String service) {
    return service.equals("stock");
  }

  /** How often a call may be executed at most. */
  int mostExecutions() {
    return 1 + (attempts < 0 ? DEFAULT_ATTEMPTS : attempts);
  }

  /** Whether some calls go to one version only, and so to one instance. */
  boolean splits() {
    return share >= 0;
  }

  /** Whether there is a limit of time. */
  boolean limitsTime() {
    return requestMillis > 0 || attemptMillis > 0;
  }

  /**
   * Whether a call may be sent again although it was executed.
   *
   * @param status with which the server answered; 0: it did not
   * @param streamed whether its body could be read once only
   */
  boolean maySendAgain(String method, boolean streamed, int status) {
    if (method.equals("GET")) {
      return true;
    }
    boolean late = attemptMillis > 0 && codes.contains(TIMEOUT);
    return !streamed && (codes.contains(status) || late || (reset && method.equals("PUT")));
  }

  /** Whether the mesh may answer in a server's place with this flag. */
  boolean mayAnswer(String flag) {
    return switch (flag) {
      case "UO" -> most > 0;
      case "FI" -> aborts > 0;
      case "UH" -> outliers;
      default -> false;
    };
  }

  /** Its documents. */
  String documents() {
    return virtual(service) ? istio() : gateway();
  }

  private String gateway() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %1$s}
        spec:
          parentRefs: [{group: "", kind: Service, name: %1$s}]
          rules:
        """
            .formatted(service));
    String rule =
        """
          - filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: {set: [{name: x-policy, value: "%d"}]}
        """
                .formatted(version)
            + timeouts()
            + (attempts < 0
                ? ""
                : "    retry: {codes: %s, attempts: %d, backoff: 10ms}\n"
                    .formatted(codes, attempts));
    if (twins()) {
      text.append(rule)
          .append("    matches: [{headers: [{name: x-tester, value: v2}]}]\n")
          .append("    backendRefs: [{name: %s-v2, port: 80}]\n".formatted(service));
    }
    text.append(rule)
        .append(
            share < 0
                ? "    backendRefs: [{name: %s, port: 80}]\n".formatted(service)
                : "    backendRefs: [{name: %1$s-v1, port: 80, weight: %2$d}, {name: %1$s-v2, port: 80, weight: %3$d}]\n"
                    .formatted(service, 100 - share, share));
    text.append(resilience());
    if (aborts > 0) {
      text.append(
          """
          ---
          apiVersion: weft.dev/v1alpha1
          kind: FaultPolicy
          metadata: {name: %1$s}
          spec:
            targetRefs: [{kind: Service, name: %1$s}]
            abort: {percent: %2$d, httpStatus: 503}
          """
              .formatted(service, aborts));
    }
    return text.toString();
  }

  /** Whether the service has a second version, which testers get. */
  boolean twins() {
    return !service.equals("gate");
  }

  private String timeouts() {
    if (!limitsTime()) {
      return "";
    }
    return "    timeouts: {request: %dms%s}\n"
        .formatted(
            requestMillis, attemptMillis > 0 ? ", backendRequest: " + attemptMillis + "ms" : "");
  }

  private String resilience() {
    String targets =
        twins()
            ? "[{kind: Service, name: %1$s}, {kind: Service, name: %1$s-v1}, {kind: Service, name: %1$s-v2}]"
                .formatted(service)
            : "[{kind: Service, name: %s}]".formatted(service);
    String algorithm =
        switch (balancing) {
          case "ROUND_ROBIN" -> "RoundRobin";
          case "LEAST_REQUEST" -> "LeastRequest";
          default -> "Random";
        };
    return """
        ---
        apiVersion: weft.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: %s}
        spec:
          targetRefs: %s
          balancing: {algorithm: %s}
          retryBudget: {percent: 100, minPerSecond: 1000}
        """
            .formatted(service, targets, algorithm)
        + (outliers
            ? "  outliers: {consecutiveErrors: 3, interval: 1s, baseEjection: 1s, maxEjectionPercent: 50}\n"
            : "")
        + (most > 0 ? "  limits: {maxRequests: %d}\n".formatted(most) : "");
  }

  private String istio() {
    String retries = attempts < 0 ? "" : "    retries: %s\n".formatted(istioRetries());
    String rule =
        "    headers: {request: {set: {x-policy: \"%d\"}}}\n".formatted(version)
            + retries
            + (requestMillis > 0 ? "    timeout: %dms\n".formatted(requestMillis) : "")
            + (aborts > 0
                ? "    fault: {abort: {percentage: {value: %d}, httpStatus: 503}}\n"
                    .formatted(aborts)
                : "");
    String routes =
        share < 0
            ? "[{destination: {host: %s}}]".formatted(service)
            : "[{destination: {host: %1$s, subset: v1}, weight: %2$d}, {destination: {host: %1$s, subset: v2}, weight: %3$d}]"
                .formatted(service, 100 - share, share);
    return """
        ---
        apiVersion: weft.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: %1$s}
        spec:
          targetRefs: [{kind: Service, name: %1$s}]
          retryBudget: {percent: 100, minPerSecond: 1000}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %1$s}
        spec:
          hosts: [%1$s]
          http:
          - match: [{headers: {x-tester: {exact: v2}}}]
        %2$s    route: [{destination: {host: %1$s, subset: v2}}]
          - route: %3$s
        %2$s---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: %1$s}
        spec:
          host: %1$s
          subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
          trafficPolicy:
            loadBalancer: {simple: %4$s}
        """
            .formatted(service, rule, routes, balancing)
        + (outliers
            ? "    outlierDetection: {consecutive5xxErrors: 3, interval: 1s, baseEjectionTime: 1s, maxEjectionPercent: 50}\n"
            : "")
        + (most > 0 ? "    connectionPool: {http: {http2MaxRequests: %d}}\n".formatted(most) : "");
  }

  private String istioRetries() {
    List<String> on = new ArrayList<>();
    on.add("connect-failure");
    if (reset) {
      on.add("reset");
    }
    codes.forEach(code -> on.add(Integer.toString(code)));
    return "{attempts: %d%s, retryOn: \"%s\"}"
        .formatted(
            attempts,
            attemptMillis > 0 ? ", perTryTimeout: " + attemptMillis + "ms" : "",
            on.stream().collect(Collectors.joining(",")));
  }
}
