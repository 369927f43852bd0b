package dev.weft.policy.document;

import java.util.List;

/** The documents in force. Immutable: an update gives a new store. */
public final class PolicyStore {
  private static final PolicyStore EMPTY = new PolicyStore();

  private PolicyStore() {}

  /** No documents at all. */
  public static PolicyStore empty() {
    return EMPTY;
  }

  /** What is in force once the folder holds exactly these files. */
  public PolicyStore update(List<SourceFile> files) {
    return new PolicyStore();
  }

  /** What is wrong with the files of the last update, in order of place. */
  public List<Diagnostic> diagnostics() {
    return List.of();
  }

  /** Every document of the last update, and those still in force although their text is broken. */
  public List<DocumentStatus> documents() {
    return List.of();
  }
}
