package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one document. Confined to the thread that reads it. */
class Problems {
  /** A hostile document shall not fill the log. */
  private static final int MOST = 100;

  private final List<Diagnostic> diagnostics = new ArrayList<>();
  private int refusals;

  /** Notes a problem of the value at {@code path}, a dotted path such as {@code spec.rules[0]}. */
  void add(Code code, Place place, String path, String message) {
    refusals += code.refuses() ? 1 : 0;
    if (diagnostics.size() < MOST) {
      diagnostics.add(code.at(place, path.isEmpty() ? message : path + ": " + message));
    } else if (diagnostics.size() == MOST) {
      diagnostics.add(Code.LIMIT.at(place, "more than " + MOST + " problems in one document"));
    }
  }

  /** Hears of every field that a reader knows. Nothing happens; whoever checks schemas listens. */
  void asked(String path) {}

  /** Whether one of them takes the document out of force. */
  boolean refused() {
    return refusals > 0;
  }

  /** How many of them do, so that a part of a document can be told to be sound. */
  int refusals() {
    return refusals;
  }

  /** In order of discovery. */
  List<Diagnostic> diagnostics() {
    return List.copyOf(diagnostics);
  }
}
