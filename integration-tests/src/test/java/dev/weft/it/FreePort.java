package dev.weft.it;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for programs that have to be told theirs before they listen. */
public final class FreePort {
  private static final int FIRST = 20_000;
  private static final int END = 30_000;

  private FreePort() {}

  /**
   * One of the loopback interface that nobody listens at, and none that the kernel gives to
   * connections or listeners that do not choose: those of other stories would get it until the
   * program has started.
   */
  public static int find() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (BindException e) {
        // another one
      }
    }
  }
}
