package dev.weft.server.http;

/** Who may call a resource. */
public enum Caller {
  /** Everybody; the resource itself looks at what the request proves. */
  ANYONE,
  /** A workload, by the SVID of its connection. */
  AGENT,
  /** A person or a program of theirs, by an operator token of any role. */
  VIEWER,
  /** The same, by an operator token that may change things. Its calls are logged. */
  OPERATOR
}
