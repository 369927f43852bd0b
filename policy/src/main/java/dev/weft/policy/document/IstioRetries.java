package dev.weft.policy.document;

import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.RetryOn;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The field {@code retries} of a rule. Immutable.
 *
 * @param perTryTimeout bounds one attempt, whether it is retried or not
 */
record IstioRetries(Optional<Retry> retry, Optional<Duration> perTryTimeout) {
  private static final int MOST = 100;

  private static final Map<String, RetryOn> CONDITIONS =
      Map.ofEntries(
          Map.entry("5xx", RetryOn.SERVER_ERROR),
          Map.entry("gateway-error", RetryOn.GATEWAY_ERROR),
          Map.entry("reset", RetryOn.RESET),
          Map.entry("connect-failure", RetryOn.CONNECT_FAILURE),
          Map.entry("retriable-4xx", RetryOn.RETRIABLE_4XX),
          Map.entry("refused-stream", RetryOn.REFUSED_STREAM),
          Map.entry("cancelled", RetryOn.GRPC_CANCELLED),
          Map.entry("deadline-exceeded", RetryOn.GRPC_DEADLINE_EXCEEDED),
          Map.entry("internal", RetryOn.GRPC_INTERNAL),
          Map.entry("resource-exhausted", RetryOn.GRPC_RESOURCE_EXHAUSTED),
          Map.entry("unavailable", RetryOn.GRPC_UNAVAILABLE));

  /** What Istio retries where a document does not say it. */
  private static final Set<RetryOn> DEFAULT =
      EnumSet.of(
          RetryOn.CONNECT_FAILURE,
          RetryOn.REFUSED_STREAM,
          RetryOn.GRPC_UNAVAILABLE,
          RetryOn.GRPC_CANCELLED);

  /** Requests that provably never left are retried anyway; statuses stand in the list. */
  private static final Set<String> SAID_OTHERWISE =
      Set.of("reset-before-request", "retriable-status-codes");

  private static final Set<String> NOT_TOLD_APART =
      Set.of("envoy-ratelimited", "retriable-headers", "http3-post-connect-failure");

  /** Reads the field of a rule. */
  static IstioRetries read(Fields rule) {
    Optional<Fields> found = rule.object("retries");
    if (found.isEmpty()) {
      return new IstioRetries(Optional.empty(), Optional.empty());
    }
    Fields fields = found.get();
    Optional<Integer> attempts = fields.number("attempts", 0, MOST);
    Optional<Duration> perTry = IstioFields.duration(fields, "perTryTimeout");
    Optional<Duration> backoff = IstioFields.duration(fields, "backoff");
    Set<RetryOn> conditions = EnumSet.noneOf(RetryOn.class);
    Set<Integer> codes = new TreeSet<>();
    Optional<String> retryOn = fields.text("retryOn").filter(text -> !text.isBlank());
    retryOn.ifPresent(text -> conditions(fields, text, conditions, codes));
    if (retryOn.isEmpty()) {
      conditions.addAll(DEFAULT);
    }
    fields.notEnforced("retryRemoteLocalities");
    // The next attempt goes to another endpoint anyway, where there is one.
    if (fields.flag("retryIgnorePreviousHosts").equals(Optional.of(false))) {
      fields.notEnforced("retryIgnorePreviousHosts");
    }
    fields.finish();
    return new IstioRetries(
        Optional.of(
            new Retry(
                attempts, List.copyOf(codes), List.copyOf(conditions), backoff, Optional.empty())),
        perTry);
  }

  private static void conditions(
      Fields fields, String text, Set<RetryOn> conditions, Set<Integer> codes) {
    for (String word : text.split(",", -1)) {
      String condition = word.trim();
      if (CONDITIONS.containsKey(condition)) {
        conditions.add(CONDITIONS.get(condition));
      } else if (condition.matches("[1-5][0-9][0-9]")) {
        codes.add(Integer.valueOf(condition));
      } else if (NOT_TOLD_APART.contains(condition)) {
        fields.problem(
            Code.NOT_ENFORCED, "retryOn", "\"" + condition + "\" is read, but has no effect yet");
      } else if (!SAID_OTHERWISE.contains(condition)) {
        String hint = Suggestion.of(condition, CONDITIONS.keySet());
        fields.problem(
            Code.BAD_VALUE,
            "retryOn",
            "expected a condition such as connect-failure or a status such as 503, found \""
                + condition
                + "\""
                + hint);
      }
    }
  }
}
