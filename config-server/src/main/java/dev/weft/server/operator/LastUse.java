package dev.weft.server.operator;

import dev.weft.server.log.Log;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * When each named token was last used. Kept in memory and written now and then: a line of {@code
 * weft operator token list} is not worth a write to disk for every request. Thread-safe.
 */
final class LastUse {
  private static final String FILE = "operators-used.json";

  private final StateFolder state;
  private final Log log;
  private final Map<String, String> byId = new ConcurrentHashMap<>();
  private final AtomicBoolean changed = new AtomicBoolean();

  LastUse(StateFolder state, Log log) throws IOException {
    this.state = state;
    this.log = log;
    byId.putAll(read(state));
  }

  void used(String id, Instant now) {
    byId.put(id, now.toString());
    changed.set(true);
  }

  Map<String, String> byId() {
    return Map.copyOf(byId);
  }

  /** Writes what has changed; a failure is tried again with the next change. */
  void flush() {
    if (changed.getAndSet(false)) {
      try {
        state.write(FILE, Json.bytes(new TreeMap<>(byId)));
      } catch (IOException e) {
        log.warn("last use of operator tokens not written: " + e.getMessage());
      }
    }
  }

  static Map<String, String> read(StateFolder state) throws IOException {
    Map<String, String> all = new TreeMap<>();
    Optional<byte[]> content = state.read(FILE);
    if (content.isPresent()) {
      try {
        Json.object(content.get()).forEach((id, time) -> all.put(id, String.valueOf(time)));
      } catch (Refusal e) {
        // Nothing depends on it: it begins anew.
      }
    }
    return all;
  }
}
