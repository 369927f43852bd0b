package dev.weft.agent.health;

import dev.weft.agent.config.HealthCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks an application on this machine once how it is. Confined to a thread of ours. */
final class HealthProbe {
  /** For the whole of it. */
  static final Duration LIMIT = Duration.ofSeconds(1);

  /** What is read of an answer, so that the application can write it in peace. */
  private static final int MOST = 64 << 10;

  private static final int LONGEST_HEAD = 64;
  private static final Pattern STATUS =
      Pattern.compile("HTTP/1\\.[01] (\\d{3})\\b.*", Pattern.DOTALL);

  private final HealthCheck check;
  private final OwnProbes probes;

  HealthProbe(HealthCheck check, OwnProbes probes) {
    this.check = check;
    this.probes = probes;
  }

  /** Why it is not well; empty: it is. */
  Optional<String> ask() {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (Socket socket = new Socket()) {
      InetAddress address = InetAddress.getByName(check.host());
      // From the address that it listens on: then we know our own end before we connect, and an
      // address of another machine is an error.
      socket.bind(new InetSocketAddress(address, 0));
      InetSocketAddress end = (InetSocketAddress) socket.getLocalSocketAddress();
      probes.begin(end);
      try {
        socket.connect(new InetSocketAddress(address, check.port()), left(deadline));
        return check.path().isEmpty() ? Optional.empty() : get(socket, deadline);
      } finally {
        probes.end(end);
      }
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Optional<String> get(Socket socket, long deadline) throws IOException {
    String request =
        "GET "
            + check.path()
            + " HTTP/1.1\r\nHost: "
            + check.host()
            + ":"
            + check.port()
            + "\r\nUser-Agent: weft-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    byte[] buffer = new byte[4096];
    int total = 0;
    while (total < MOST) {
      socket.setSoTimeout(left(deadline));
      int n = in.read(buffer);
      if (n < 0) {
        break;
      }
      for (int i = 0; i < n && head.length() < LONGEST_HEAD; i++) {
        head.append((char) (buffer[i] & 0xff));
      }
      total += n;
    }
    Matcher status = STATUS.matcher(head);
    if (!status.matches()) {
      return Optional.of("the answer is not HTTP/1.1");
    }
    int code = Integer.parseInt(status.group(1));
    return code >= 200 && code < 400 ? Optional.empty() : Optional.of("status " + code);
  }

  private static int left(long deadline) throws SocketTimeoutException {
    long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (millis <= 0) {
      throw new SocketTimeoutException("no answer within " + LIMIT.toMillis() + " ms");
    }
    return (int) millis;
  }
}
