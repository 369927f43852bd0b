package dev.weft.it.contract;

import java.util.List;

/**
 * A Service and its endpoints, for one story.
 *
 * @param backends in order; their names are {@code <name>-0}, {@code <name>-1} ...
 */
record Upstream(String name, List<Backend> backends) {
  /** Its first endpoint. */
  Backend first() {
    return backends.get(0);
  }

  /** Its second endpoint. */
  Backend second() {
    return backends.get(1);
  }

  /** All requests that its endpoints got. */
  List<Received> received() {
    return backends.stream().flatMap(backend -> backend.received().stream()).toList();
  }

  /** From now on each of its endpoints does this. */
  void play(Script script) {
    backends.forEach(backend -> backend.plays(script));
  }
}
