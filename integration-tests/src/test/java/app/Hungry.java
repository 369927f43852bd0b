package app;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Uses up all memory, again and again, while another thread says a secret on new connections
 * through {@code 127.0.0.1:RELAY}. Prints {@code listening <port>} of the server behind the relay,
 * waits for a line, and prints {@code done} when connections work again in the end.
 */
public final class Hungry {
  private static final byte[] SECRET = "the-secret-of-the-hungry".getBytes(StandardCharsets.UTF_8);
  private static final int ROUNDS = 15;
  private static final int PATIENCE_MILLIS = 4_000;
  private static final int TRIES = 10;

  private static volatile boolean eats = true;
  private static volatile Object food;

  private Hungry() {}

  /** Plays it. */
  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    ServerSocket listener = new ServerSocket(0, 50, loopback);
    Thread server = new Thread(() -> serve(listener), "server");
    server.setDaemon(true);
    server.start();
    System.out.println("listening " + listener.getLocalPort());
    int relay = Integer.parseInt(readLine());

    say(loopback, relay);
    Thread eater = new Thread(Hungry::eat, "eater");
    eater.start();
    int said = 0;
    for (int i = 0; i < ROUNDS; i++) {
      try {
        say(loopback, relay);
        said++;
      } catch (IOException | RuntimeException | Error refused) {
        // Better than plaintext. A class without memory for it is a LinkageError, and the one error
        // that a JVM keeps for this may be thrown by reading and by closing: it may not suppress
        // itself, which try-with-resources tells as an IllegalArgumentException.
      }
    }
    eats = false;
    eater.join();
    food = null;
    sayAtLast(loopback, relay);
    System.out.println("seen " + said + " of " + ROUNDS);
    System.out.println("done");
    System.exit(0);
  }

  /** What began without memory may take a moment to end. */
  private static void sayAtLast(InetAddress loopback, int port) throws IOException {
    for (int left = TRIES; ; left--) {
      try {
        say(loopback, port);
        return;
      } catch (IOException e) {
        if (left == 0) {
          tellWhatEverybodyDoes();
          throw e;
        }
      }
    }
  }

  /** So that a failure says who waits for whom. */
  private static void tellWhatEverybodyDoes() {
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              System.err.println(thread.getName() + " " + thread.getState());
              for (StackTraceElement each : stack) {
                System.err.println("\tat " + each);
              }
            });
  }

  private static String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = System.in.read(); c >= 0 && c != '\n'; c = System.in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  private static void say(InetAddress loopback, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(loopback, port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(SECRET);
      InputStream in = socket.getInputStream();
      for (byte b : SECRET) {
        if (in.read() != b) {
          throw new IOException("no echo");
        }
      }
    }
  }

  /**
   * A thread for each: in a JVM without memory a condition's waiter may be lost between its two
   * queues (JDK 17), and then spins for ever.
   */
  private static void serve(ServerSocket listener) {
    while (true) {
      try {
        Socket socket = listener.accept();
        Thread thread = new Thread(() -> echo(socket), "echo");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException | RuntimeException | Error e) {
        // the next one
      }
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      byte[] heard = socket.getInputStream().readNBytes(SECRET.length);
      socket.getOutputStream().write(heard);
    } catch (IOException | RuntimeException | Error e) {
      // Without memory even the error of closing is the one of reading, which may not suppress
      // itself.
    }
  }

  private static void eat() {
    while (eats) {
      try {
        List<byte[]> all = new ArrayList<>();
        food = all;
        for (int size = 1 << 20; ; size = Math.max(64, size - (size >> 4))) {
          all.add(new byte[size]);
        }
      } catch (OutOfMemoryError full) {
        food = null;
      }
    }
  }
}
