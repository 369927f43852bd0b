package app.chaos;

import java.nio.charset.StandardCharsets;

/** What becomes of a request. */
record Reply(int status, String body, Fate fate) {
  enum Fate {
    SENT,
    /** The connection ends after a half of it. */
    CUT,
    /** The connection ends before it. */
    NEVER_SENT
  }

  byte[] bytes() {
    return body.getBytes(StandardCharsets.ISO_8859_1);
  }
}
