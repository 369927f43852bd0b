package lib;

/** What goes wrong. */
public class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;
}
