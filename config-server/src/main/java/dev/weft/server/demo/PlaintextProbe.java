package dev.weft.server.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Someone outside of the mesh who speaks plain HTTP to a workload's real address. Stateless. */
public final class PlaintextProbe {
  private static final String CLOSED = "closed without a byte";
  private static final int TIMEOUT_MILLIS = 5_000;

  private PlaintextProbe() {}

  /**
   * Sends one request.
   *
   * @return the response's status line, or how the connection was refused
   */
  public static String send(InetSocketAddress address) {
    String request = "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(address, TIMEOUT_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      String response = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return response.isEmpty() ? CLOSED : response.split("\r\n", 2)[0];
    } catch (IOException e) {
      return "broken: " + e.getMessage();
    }
  }

  /** A connection on which one request has been answered; it stays open. */
  public static Kept keep(InetSocketAddress address) throws IOException {
    Kept kept = new Kept(address);
    String first = kept.ask();
    if (!accepted(first)) {
      kept.close();
      throw new IOException("plain HTTP to keep: " + first);
    }
    return kept;
  }

  /** A plain HTTP connection that is used more than once. Confined to one thread. */
  public static final class Kept implements AutoCloseable {
    private final Socket socket = new Socket();

    private Kept(InetSocketAddress address) throws IOException {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(address, TIMEOUT_MILLIS);
    }

    /** Sends one more request; as {@link PlaintextProbe#send}, but reads the first bytes only. */
    public String ask() {
      try {
        String request = "GET / HTTP/1.1\r\nHost: web\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        byte[] some = new byte[4096];
        int n = socket.getInputStream().read(some);
        String response = n < 0 ? "" : new String(some, 0, n, StandardCharsets.UTF_8);
        return response.isEmpty() ? CLOSED : response.split("\r\n", 2)[0];
      } catch (IOException e) {
        return "broken: " + e.getMessage();
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Whether what was seen is a response of the application. */
  public static boolean accepted(String seen) {
    return seen.startsWith("HTTP/1.1 200");
  }

  /** Whether what was seen is a connection that was taken and then broken off, unanswered. */
  public static boolean refused(String seen) {
    return seen.equals(CLOSED) || seen.contains("reset") || seen.contains("Broken pipe");
  }
}
