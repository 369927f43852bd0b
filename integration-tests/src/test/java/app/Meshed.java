package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Prints {@code in the mesh ok} if connections to itself are of the mesh. */
public final class Meshed {
  private Meshed() {}

  /** An argument: the name of a class whose {@code again()} is to be called before. */
  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      Class.forName(args[0]).getMethod("again").invoke(null);
    }
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      echo(client, server);
    }
    System.out.println("in the mesh " + (refusesOutsiders() ? "ok" : "not"));
    System.out.println("done");
    System.exit(0);
  }

  /** A mesh in STRICT mode answers nobody who speaks plaintext to it. */
  static boolean refusesOutsiders() throws IOException {
    try (ServerSocket listener = new ServerSocket(0);
        Socket outsider = new Socket("127.0.0.2", listener.getLocalPort());
        Socket server = listener.accept()) {
      outsider.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
      return server.getInputStream().read() < 0;
    } catch (IOException refused) {
      return true;
    }
  }

  static void echo(Socket client, Socket server) throws IOException {
    client.getOutputStream().write(7);
    server.getOutputStream().write(server.getInputStream().read());
    if (client.getInputStream().read() != 7) {
      throw new IOException("no echo");
    }
  }
}
