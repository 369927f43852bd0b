package dev.weft.instrumentation.sample;

import dev.weft.instrumentation.OptionalMembers;
import lib.Client;
import lib.Newer;

/** Used where the library has {@code Newer}. */
@OptionalMembers
final class WithNewer {
  private WithNewer() {}

  static void use() {
    Client.create().use(request -> request + Newer.news());
    OnlyWithNewer.use();
  }
}
