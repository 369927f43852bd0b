package dev.weft.agent.traffic;

import dev.weft.policy.Call;
import dev.weft.policy.CallMatcher;
import dev.weft.policy.RequestLimit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The budgets of one limit, by what tells them apart. Thread-safe. */
final class LimitedRequests {
  /** However many values a header takes, so many budgets are kept; all others share one. */
  private static final int MOST = 10_000;

  private static final String OTHERS = "others";

  /** Between two looks for budgets that nobody uses any more, in nanoseconds. */
  private static final long REST = 1_000_000_000L;

  private final RequestLimit limit;
  private final CallMatcher matcher;
  private final Map<String, Gcra> budgets = new ConcurrentHashMap<>();
  private final AtomicLong rests = new AtomicLong(Long.MIN_VALUE);

  LimitedRequests(RequestLimit limit) {
    this.limit = limit;
    this.matcher = CallMatcher.of(limit.matches());
  }

  RequestLimit limit() {
    return limit;
  }

  /** The budget out of which a request is taken; null: the limit does not concern it. */
  @Nullable Gcra budget(Call call, String rule, long now) {
    if (!limit.ports().contains(call.port()) || !matcher.fits(call)) {
      return null;
    }
    String key = key(call, rule);
    Gcra known = budgets.get(key);
    if (known != null) {
      return known;
    }
    if (budgets.size() >= MOST) {
      tidy(now);
      key = budgets.size() >= MOST ? OTHERS : key;
    }
    return budgets.computeIfAbsent(key, missing -> new Gcra(limit.interval(), limit.burst()));
  }

  /** Rarely, so that whoever sends ever new values does not make each request walk all budgets. */
  private void tidy(long now) {
    long until = rests.get();
    if ((until == Long.MIN_VALUE || now - until >= 0) && rests.compareAndSet(until, now + REST)) {
      budgets.values().removeIf(budget -> budget.untouched(now));
    }
  }

  private String key(Call call, String rule) {
    if (limit.keys().isEmpty()) {
      return "";
    }
    StringBuilder key = new StringBuilder();
    for (RequestLimit.Key part : limit.keys()) {
      switch (part.source()) {
        case ROUTE -> key.append(rule);
        case HEADER -> key.append(String.join(",", call.header(part.name())));
        case IDENTITY -> {} // of servers only
      }
      key.append('\n'); // which stands in no header
    }
    return key.toString();
  }
}
