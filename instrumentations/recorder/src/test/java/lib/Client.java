package lib;

import java.io.Closeable;

/** A client. */
public class Client implements Closeable {
  /** How often. */
  public static final Integer TRIES = Integer.valueOf(3);

  /** Where to. */
  public String host = "";

  /** What a subclass may use. */
  protected int sent;

  private Filter filter = request -> request;

  /** One with defaults. */
  public static Client create() {
    return new Client();
  }

  /** Asks a filter before each request. */
  public void use(Filter other) {
    filter = other;
  }

  /** Sends. */
  public String send(String request) {
    sent++;
    return filter.filter(request);
  }

  @Override
  public void close() {}
}
