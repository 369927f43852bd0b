package lib;

/** What changes requests. */
@FunctionalInterface
public interface Filter {
  /** The request in its place. */
  String filter(String request);

  /** Which are asked first. */
  static int order() {
    return 0;
  }

  /** For humans. */
  default String describe() {
    return "a filter";
  }
}
