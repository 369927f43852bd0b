package lib;

/** What no advice leads to. */
public final class Untouched {
  private Untouched() {}

  /** Does nothing. */
  public static void touch() {}
}
