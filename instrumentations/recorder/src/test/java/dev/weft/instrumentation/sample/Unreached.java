package dev.weft.instrumentation.sample;

import lib.Untouched;

/** To which no advice leads. */
final class Unreached {
  private Unreached() {}

  static void use() {
    Untouched.touch();
  }
}
