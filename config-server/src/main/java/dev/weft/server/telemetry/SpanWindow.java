package dev.weft.server.telemetry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last spans that arrived, by trace. Drops the oldest beyond its bound. Thread-safe. */
public final class SpanWindow {
  private final int capacity;
  private final Deque<SpanRecord> byArrival = new ArrayDeque<>();

  /** Traces in the order in which their first kept span arrived. */
  private final Map<String, List<SpanRecord>> byTrace = new LinkedHashMap<>();

  private long received;
  private long dropped;

  /** A window of at most {@code capacity} spans. */
  public SpanWindow(int capacity) {
    this.capacity = capacity;
  }

  synchronized void add(SpanRecord span) {
    received++;
    if (byArrival.size() == capacity) {
      SpanRecord oldest = byArrival.removeFirst();
      dropped++;
      byTrace.computeIfPresent(
          oldest.traceId(),
          (id, spans) -> {
            spans.remove(0); // per trace, too, arrival is the order
            return spans.isEmpty() ? null : spans;
          });
    }
    byArrival.addLast(span);
    byTrace.computeIfAbsent(span.traceId(), id -> new ArrayList<>()).add(span);
  }

  /** The spans of one trace in order of arrival; empty when it is not in the window. */
  public synchronized List<SpanRecord> trace(String traceId) {
    return List.copyOf(byTrace.getOrDefault(traceId, List.of()));
  }

  /**
   * The newest traces, newest first.
   *
   * @param service only traces with a span of it; empty: all
   */
  public synchronized List<List<SpanRecord>> newest(String service, int limit) {
    List<List<SpanRecord>> all = new ArrayList<>(byTrace.values());
    List<List<SpanRecord>> found = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0 && found.size() < limit; i--) {
      List<SpanRecord> spans = all.get(i);
      if (service.isEmpty() || spans.stream().anyMatch(span -> span.service().equals(service))) {
        found.add(List.copyOf(spans));
      }
    }
    return found;
  }

  /** Spans in the window. */
  public synchronized int size() {
    return byArrival.size();
  }

  /** Spans that arrived since the start. */
  public synchronized long received() {
    return received;
  }

  /** Spans that gave way to newer ones. */
  public synchronized long dropped() {
    return dropped;
  }
}
