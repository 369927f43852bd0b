package dev.weft.agent.traffic;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.policy.Call;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RequestLimit;
import dev.weft.policy.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How many requests this client sends to services, by {@code RateLimitPolicy}s. What has been taken
 * from a budget outlives policy changes that leave its limit as it is. Thread-safe; takes no locks.
 */
final class RequestRates {
  private final Map<String, LimitedRequests> known = new ConcurrentHashMap<>();

  /**
   * Takes a request out of every budget that concerns it, or out of none.
   *
   * @param called the service that the application named
   * @param rule the route's rule that decided
   * @param instances of this client, who share what limits of the mesh allow; at least 1
   * @return the refusal; null: it may go
   */
  @Nullable LocalReply refusal(Service called, Call call, String rule, int instances, long now) {
    List<RequestLimit> limits = called.requestLimits();
    if (limits.isEmpty()) {
      return null;
    }
    List<Taken> taken = new ArrayList<>(limits.size());
    for (RequestLimit limit : limits) {
      LimitedRequests requests = of(called, limit);
      Gcra budget = requests.budget(call, rule, now);
      if (budget == null) {
        continue;
      }
      int sharers = limit.scope() == RequestLimit.Scope.MESH ? instances : 1;
      long wait = budget.tryTake(sharers, now);
      if (wait > 0) {
        taken.forEach(Taken::giveBack);
        return refused(limit, sharers, wait, budget.left(sharers, now));
      }
      taken.add(new Taken(budget, sharers));
    }
    return null;
  }

  /** Forgets the limits of services that a new snapshot no longer has. */
  void keep(List<Service> services) {
    if (known.isEmpty()) {
      return;
    }
    List<String> kept = new ArrayList<>();
    for (Service service : services) {
      service.requestLimits().forEach(limit -> kept.add(key(service, limit)));
    }
    known.keySet().retainAll(kept);
  }

  private LimitedRequests of(Service service, RequestLimit limit) {
    String key = key(service, limit);
    LimitedRequests found = known.get(key);
    if (found == null || !found.limit().equals(limit)) {
      found = new LimitedRequests(limit);
      known.put(key, found);
    }
    return found;
  }

  private static String key(Service service, RequestLimit limit) {
    return service.key() + " " + limit.rule();
  }

  /** A request that is gone from a budget. */
  private record Taken(Gcra budget, int sharers) {
    void giveBack() {
      budget.giveBack(sharers);
    }
  }

  private static LocalReply refused(RequestLimit limit, int sharers, long wait, long left) {
    RequestLimit.Answer answer = limit.answer();
    long seconds = ceilSeconds(wait);
    List<HeaderField> headers = new ArrayList<>();
    headers.add(new HeaderField("Retry-After", Long.toString(seconds)));
    if (answer.rateLimitHeaders()) {
      String name = "\"" + quoted(limit.rule()) + "\"";
      headers.add(
          new HeaderField(
              "RateLimit-Policy",
              name + ";q=" + limit.requests() + ";w=" + ceilSeconds(limit.per().toNanos())));
      headers.add(new HeaderField("RateLimit", name + ";r=" + left + ";t=" + seconds));
    }
    for (HeaderEdit edit : answer.headers()) {
      headers.add(new HeaderField(edit.name(), edit.value()));
    }
    return new LocalReply(
        answer.status(),
        "RL",
        limit.rule(),
        "more than "
            + limit.requests()
            + " requests in "
            + limit.per().toMillis()
            + " ms"
            + (sharers > 1 ? ", shared by " + sharers + " instances" : ""),
        headers,
        Duration.ZERO);
  }

  private static long ceilSeconds(long nanos) {
    return Math.max(1, (nanos + 999_999_999) / 1_000_000_000);
  }

  /** As the inside of a structured field's string (RFC 9651, section 3.3.3). */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean visible = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
      quoted.append(visible ? c : '?');
    }
    return quoted.toString();
  }
}
