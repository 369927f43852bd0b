package app;

/** The smallest application: a line on each stream, and an exit code of its own. */
public final class Hello {
  private Hello() {}

  /** Ends with exit code 3. */
  public static void main(String[] args) {
    System.out.println("hello, world");
    System.err.println("hello, trouble");
    System.exit(3);
  }
}
