package dev.weft.policy.document;

/** How bad a {@link Diagnostic} is. */
public enum Severity {
  /** The document, or the part named, is not in force. */
  ERROR,
  /** The document is in force, but probably does not do what its author means. */
  WARNING,
  /** The document is in force and does what it says; something about it is worth knowing. */
  INFO
}
