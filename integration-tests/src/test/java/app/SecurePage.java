package app;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A server that has TLS of its own: an https page with its name. */
public final class SecurePage {
  private SecurePage() {}

  /** Prints {@code listening <port>}. */
  public static void main(String[] args) throws IOException {
    byte[] name = System.getenv("NAME").getBytes(StandardCharsets.US_ASCII);
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    HttpsServer server = HttpsServer.create(new InetSocketAddress(loopback, 0), 100);
    server.setHttpsConfigurator(new HttpsConfigurator(Secrets.own()));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, name.length);
          exchange.getResponseBody().write(name);
          exchange.close();
        });
    server.start();
    System.out.println("listening " + server.getAddress().getPort());
  }
}
