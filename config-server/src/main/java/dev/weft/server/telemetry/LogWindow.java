package dev.weft.server.telemetry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** The last log records that arrived. Drops the oldest beyond its bound. Thread-safe. */
public final class LogWindow {
  private final int capacity;
  private final Deque<LogRecord> byArrival = new ArrayDeque<>();
  private long received;
  private long dropped;

  /** A window of at most {@code capacity} records. */
  public LogWindow(int capacity) {
    this.capacity = capacity;
  }

  synchronized void add(LogRecord record) {
    received++;
    if (byArrival.size() == capacity) {
      byArrival.removeFirst();
      dropped++;
    }
    byArrival.addLast(record);
  }

  /** The records that fit, newest first. */
  public synchronized List<LogRecord> newest(Predicate<LogRecord> fits, int limit) {
    List<LogRecord> found = new ArrayList<>();
    Iterator<LogRecord> newest = byArrival.descendingIterator();
    while (newest.hasNext() && found.size() < limit) {
      LogRecord record = newest.next();
      if (fits.test(record)) {
        found.add(record);
      }
    }
    return found;
  }

  /** Records in the window. */
  public synchronized int size() {
    return byArrival.size();
  }

  /** Records that arrived since the start. */
  public synchronized long received() {
    return received;
  }

  /** Records that gave way to newer ones. */
  public synchronized long dropped() {
    return dropped;
  }
}
