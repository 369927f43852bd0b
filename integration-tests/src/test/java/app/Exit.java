package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Uses the network, then ends in the way its argument says. */
public final class Exit {
  private Exit() {}

  /** {@code return}, {@code exit}, {@code hook} (exit inside a shutdown hook) or {@code halt}. */
  public static void main(String[] args) throws IOException {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    ServerSocket listener = new ServerSocket(0, 5, loopback);
    Socket client = new Socket(loopback, listener.getLocalPort());
    Socket server = listener.accept();
    client.getOutputStream().write(1);
    server.getInputStream().read(); // and all of it stays open
    if (args[0].equals("hook")) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(3)));
    }
    System.out.println("done");
    switch (args[0]) {
      case "exit", "hook" -> System.exit(3);
      case "halt" -> Runtime.getRuntime().halt(3);
      default -> {
        // returns
      }
    }
  }
}
