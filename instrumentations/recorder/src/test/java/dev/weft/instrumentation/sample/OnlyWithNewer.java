package dev.weft.instrumentation.sample;

import lib.Failure;

/** To which nothing leads but {@link WithNewer}. */
final class OnlyWithNewer {
  private OnlyWithNewer() {}

  static void use() {
    throw new Failure();
  }
}
