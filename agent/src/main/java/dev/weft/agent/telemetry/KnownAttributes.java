package dev.weft.agent.telemetry;

import io.opentelemetry.api.common.Attributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Attributes of a metric that have been made before: a workload has few of them, and making them
 * allocates more than all the rest of an observation. Bounded; thread-safe.
 *
 * @param <K> what the attributes are made of
 */
final class KnownAttributes<K extends KnownAttributes.Key> {
  /** As many as the SDK keeps of one metric. */
  private static final int MOST = 2_000;

  private final Map<K, Attributes> made = new ConcurrentHashMap<>();

  /** What attributes are made of; equal keys make equal attributes. */
  interface Key {
    /** Makes them. */
    Attributes attributes();
  }

  Attributes of(K key) {
    Attributes known = made.get(key);
    if (known != null) {
      return known;
    }
    Attributes fresh = key.attributes();
    if (made.size() < MOST) {
      made.put(key, fresh);
    }
    return fresh;
  }
}
