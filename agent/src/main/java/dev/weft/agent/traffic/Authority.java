package dev.weft.agent.traffic;

import java.util.Locale;

/** The host of an authority ({@code host}, {@code host:port}, {@code [v6]:port}). */
final class Authority {
  private Authority() {}

  /** Without port, lower case; empty stays empty. */
  static String host(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon >= 0 && colon > authority.lastIndexOf(']');
    boolean bareV6 = port && !authority.startsWith("[") && authority.indexOf(':') != colon;
    String host = port && !bareV6 ? authority.substring(0, colon) : authority;
    return host.toLowerCase(Locale.ROOT);
  }
}
