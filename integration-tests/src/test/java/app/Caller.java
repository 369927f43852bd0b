package app;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.HttpsURLConnection;

/**
 * A client of {@link Greeter}, told by its input: {@code call KIND HOST PORT COUNT} makes
 * connections by one kind of socket ({@code http} and {@code raw}: to {@link Echo}) and prints who
 * greeted how often and the longest time; {@code open HOST PORT} keeps one, {@code say TEXT} speaks
 * on all that are open.
 */
public final class Caller {
  private static final int READ_MILLIS = 10_000;

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Deque<Socket> open = new ArrayDeque<>();

  private Caller() {}

  /** Prints {@code ready}, then a line for each command. */
  public static void main(String[] args) throws IOException {
    Caller caller = new Caller();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(caller.obey(line.split(" ", -1)));
    }
  }

  private String obey(String[] words) {
    try {
      return switch (words[0]) {
        case "call" ->
            call(words[1], words[2], Integer.parseInt(words[3]), Integer.parseInt(words[4]));
        case "open" -> open(words[1], Integer.parseInt(words[2]));
        case "say" -> say(words[1]);
        default -> "unknown " + words[0];
      };
    } catch (IOException e) {
      return "failed " + e;
    }
  }

  private static String call(String kind, String host, int port, int count) throws IOException {
    Map<String, Integer> greeted = new TreeMap<>();
    long longest = 0;
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      String name;
      try {
        name =
            switch (kind) {
              case "socket" -> greeting(host, port, 0);
              case "timed" -> greeting(host, port, 5_000);
              case "channel" -> channelGreeting(host, port);
              case "adaptor" -> adaptorGreeting(host, port);
              case "selector" -> selectorGreeting(host, port);
              case "starttls" -> upgradedGreeting(host, port);
              case "https" -> page(host, port);
              case "http" -> answer(host, port);
              case "raw" -> rawAnswer(host, port);
              case "asynchronous" -> asynchronousGreeting(host, port);
              default -> throw new IOException("unknown kind " + kind);
            };
      } catch (IOException e) {
        name = e.getClass().getSimpleName();
      }
      longest = Math.max(longest, (System.nanoTime() - start) / 1_000_000);
      greeted.merge(name, 1, Integer::sum);
    }
    return "called " + kind + " " + greeted + " longest " + longest + " ms";
  }

  private static String greeting(String host, int port, int millis) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), millis);
      return greeting(socket);
    }
  }

  private static String greeting(Socket socket) throws IOException {
    socket.setSoTimeout(READ_MILLIS);
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("end of the stream after " + line);
      }
      line.write(c);
    }
    echo(socket, "hello");
    return line.toString(StandardCharsets.US_ASCII);
  }

  private static void echo(Socket socket, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    socket.getOutputStream().write(bytes);
    byte[] back = socket.getInputStream().readNBytes(bytes.length);
    if (!text.equals(new String(back, StandardCharsets.US_ASCII))) {
      throw new IOException("got \"" + new String(back, StandardCharsets.US_ASCII) + "\"");
    }
  }

  /** In the clear first, as the protocols of mail and databases do, then TLS of the programs. */
  private static String upgradedGreeting(String host, int port) throws IOException {
    try (Socket socket = new Socket(host, port)) {
      String name = greeting(socket);
      socket.getOutputStream().write(Greeter.UPGRADE);
      if (socket.getInputStream().read() != Greeter.UPGRADE) {
        throw new IOException("no upgrade");
      }
      try (Socket secure =
          Secrets.trusting().getSocketFactory().createSocket(socket, host, port, true)) {
        echo(secure, "secret");
      }
      return name;
    }
  }

  private static String page(String host, int port) throws IOException {
    HttpsURLConnection connection =
        (HttpsURLConnection) new URL("https://" + host + ":" + port + "/").openConnection();
    connection.setSSLSocketFactory(Secrets.trusting().getSocketFactory());
    connection.setHostnameVerifier((name, session) -> true);
    connection.setReadTimeout(READ_MILLIS);
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } finally {
      connection.disconnect();
    }
  }

  /** What an HTTP server answers, by a client whose requests are seen. */
  private static String answer(String host, int port) throws IOException {
    try {
      HttpResponse<String> response =
          HTTP.send(
              HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/")).build(),
              BodyHandlers.ofString());
      return response.statusCode() == 200 ? response.body() : "status " + response.statusCode();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** The same by a socket, of whose requests nobody knows. */
  private static String rawAnswer(String host, int port) throws IOException {
    try (Socket socket = new Socket(host, port)) {
      socket.setSoTimeout(READ_MILLIS);
      String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, StandardCharsets.US_ASCII);
      return text.substring(text.indexOf("\r\n\r\n") + 4);
    }
  }

  private static String channelGreeting(String host, int port) throws IOException {
    try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(host, port))) {
      return greeting(channel.socket());
    }
  }

  private static String adaptorGreeting(String host, int port) throws IOException {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.socket().connect(new InetSocketAddress(host, port), 5_000);
      return greeting(channel.socket());
    }
  }

  /** As event loops do: connectable once, and then finishConnect must say yes. */
  private static String selectorGreeting(String host, int port) throws IOException {
    try (Selector selector = Selector.open();
        SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, 0);
      if (!channel.connect(new InetSocketAddress(host, port))) {
        key.interestOps(SelectionKey.OP_CONNECT);
        long end = System.nanoTime() + READ_MILLIS * 1_000_000L;
        while (selector.select(READ_MILLIS) == 0) {
          if (System.nanoTime() > end) {
            throw new IOException("not connectable");
          }
        }
        selector.selectedKeys().clear();
        if (!channel.finishConnect()) {
          throw new IOException("connectable, and not connected");
        }
      }
      key.interestOps(SelectionKey.OP_READ);
      ByteBuffer one = ByteBuffer.allocate(1);
      StringBuilder line = new StringBuilder();
      while (true) {
        selector.select(READ_MILLIS);
        selector.selectedKeys().clear();
        int n = channel.read(one.clear());
        if (n < 0) {
          throw new IOException("end of the stream after " + line);
        }
        if (n > 0 && one.get(0) == '\n') {
          return line.toString();
        }
        if (n > 0) {
          line.append((char) one.get(0));
        }
      }
    }
  }

  private static String asynchronousGreeting(String host, int port) throws IOException {
    try (AsynchronousSocketChannel channel = AsynchronousSocketChannel.open()) {
      channel.connect(new InetSocketAddress(host, port)).get(READ_MILLIS, TimeUnit.MILLISECONDS);
      ByteBuffer one = ByteBuffer.allocate(1);
      StringBuilder line = new StringBuilder();
      while (channel.read(one.clear()).get(READ_MILLIS, TimeUnit.MILLISECONDS) > 0) {
        if (one.get(0) == '\n') {
          return line.toString();
        }
        line.append((char) one.get(0));
      }
      throw new IOException("end of the stream after " + line);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IOException(e);
    }
  }

  private String open(String host, int port) throws IOException {
    Socket socket = new Socket(host, port);
    open.add(socket);
    return "opened to " + greeting(socket);
  }

  private String say(String text) {
    int alive = 0;
    String end = "";
    for (Socket socket : open) {
      try {
        echo(socket, text);
        alive++;
      } catch (IOException e) {
        end = e.toString();
      }
    }
    return "said to " + alive + " of " + open.size() + " " + end;
  }
}
