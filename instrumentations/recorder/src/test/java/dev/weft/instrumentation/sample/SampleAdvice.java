package dev.weft.instrumentation.sample;

import lib.Client;
import lib.Failure;
import lib.Filter;

/** Where it all starts. */
public final class SampleAdvice {
  private SampleAdvice() {}

  /** Called before {@code Client.send}. */
  public static void enter(Object woven) {
    Client client = (Client) woven;
    client.host = client.host + Client.TRIES;
    client.use(new MeshFilter());
    client.use(request -> request + Filter.order());
    if (Hidden.NEWS != null) {
      WithNewer.use();
    }
    try (MeshClient ours = new MeshClient()) {
      Sending sending = ours::send;
      sending.send("a");
    } catch (Failure e) {
      closed(client);
    }
  }

  private static void closed(AutoCloseable client) {
    try {
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** One of our own, so none of the library's. */
  interface Sending {
    String send(String request);
  }
}
