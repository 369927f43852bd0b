package dev.weft.server.cli;

/** How a command prints. */
enum Format {
  /** For people. */
  text,
  /** For programs. */
  json
}
