package app;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Uses a connection from before an agent was attached to it, and a new one. */
public final class Attached {
  private Attached() {}

  /** Prints {@code ready} and waits for a line: by then the agent has been attached. */
  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (ServerSocket listener = new ServerSocket(0, 5, loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      Meshed.echo(client, server);
      System.out.println("ready");
      System.in.read();
      Meshed.echo(client, server);
      System.out.println("the old connection passes ok");

      try (Socket newClient = new Socket(loopback, listener.getLocalPort());
          Socket newServer = listener.accept()) {
        Meshed.echo(newClient, newServer);
      }
    }
    System.out.println(
        "a new connection is of the mesh " + (Meshed.refusesOutsiders() ? "ok" : "not"));
    System.out.println("done");
    System.exit(0);
  }
}
