package dev.weft.server.telemetry;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The latest value of every series. Beyond its bound the series that was silent for longest goes.
 * Thread-safe.
 */
public final class MetricWindow {

  /**
   * What a series is of.
   *
   * @param workload which workload measures it
   */
  record Series(Workload workload, String name, SortedMap<String, String> labels) {}

  /** A measuring workload. */
  record Workload(String service, String instance, String spiffeId) {}

  private final int capacity;
  private final Map<Series, MetricValue> latest = new LinkedHashMap<>();
  private long received;
  private long dropped;

  /** A window of at most {@code capacity} series. */
  public MetricWindow(int capacity) {
    this.capacity = capacity;
  }

  synchronized void set(Series series, MetricValue cumulative) {
    received++;
    latest.remove(series); // so that the map stays ordered by time
    put(series, cumulative);
  }

  synchronized void add(Series series, MetricValue delta) {
    received++;
    MetricValue before = latest.remove(series);
    put(series, before == null ? delta : before.plus(delta));
  }

  private void put(Series series, MetricValue value) {
    if (latest.size() >= capacity) {
      Iterator<Series> oldest = latest.keySet().iterator();
      oldest.next();
      oldest.remove();
      dropped++;
    }
    latest.put(series, value);
  }

  /**
   * The values of a metric, summed over the workloads for each set of labels.
   *
   * @param where labels that must have these values; {@code service.name} is that of the measuring
   *     workload where the series has no such label
   */
  public synchronized Map<SortedMap<String, String>, MetricValue> sum(
      String name, Map<String, String> where) {
    Map<SortedMap<String, String>, MetricValue> sums = new LinkedHashMap<>();
    latest.forEach(
        (series, value) -> {
          if (series.name().equals(name) && matches(series, where)) {
            sums.merge(new TreeMap<>(series.labels()), value, MetricValue::plus);
          }
        });
    return sums;
  }

  private static boolean matches(Series series, Map<String, String> where) {
    return where.entrySet().stream()
        .allMatch(
            wanted -> {
              String found = series.labels().get(wanted.getKey());
              if (found == null && wanted.getKey().equals("service.name")) {
                found = series.workload().service();
              }
              return wanted.getValue().equals(found);
            });
  }

  /** The names of all metrics in the window, sorted. */
  public synchronized Set<String> names() {
    Set<String> names = new TreeSet<>();
    latest.keySet().forEach(series -> names.add(series.name()));
    return names;
  }

  /** Series in the window. */
  public synchronized int size() {
    return latest.size();
  }

  /** Points that arrived since the start. */
  public synchronized long received() {
    return received;
  }

  /** Series that gave way to newer ones. */
  public synchronized long dropped() {
    return dropped;
  }
}
