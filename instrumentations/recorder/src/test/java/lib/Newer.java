package lib;

/** What only later versions have. */
public final class Newer {
  private Newer() {}

  /** Tells. */
  public static String news() {
    return "news";
  }
}
