package app.chaos;

/**
 * What a program does to the requests that it has executed.
 *
 * @param percent of the requests
 */
record Harm(Kind kind, int millis, int percent) {
  enum Kind {
    NONE,
    /** Answers late. */
    SLOW,
    /** Ends the connection instead of answering. */
    RESET,
    /** Ends the connection in the middle of the answer. */
    CUT,
    /** Answers 500 or 503. */
    BURST
  }

  static final Harm NONE = new Harm(Kind.NONE, 0, 0);
}
