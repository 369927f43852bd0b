package dev.weft.instrumentation;

import java.util.List;

/** Looks headers up in a library's own message. */
@FunctionalInterface
public interface Headers {
  /** Values in order; the name has any case; empty when absent. */
  List<String> values(String name);
}
