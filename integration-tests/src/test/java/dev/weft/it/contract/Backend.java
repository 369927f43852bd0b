package dev.weft.it.contract;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * One endpoint: an HTTP/1.1 server of 127.0.0.1, outside of the mesh, that plays a {@link Script}
 * for each request and keeps what arrived. By default it answers 200 with its name. Thread-safe.
 */
final class Backend implements AutoCloseable {
  private final String name;
  private final InetSocketAddress address;
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final Map<Integer, Socket> open = new ConcurrentHashMap<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Script script = turn -> turn.answer(200, turn.backend().name());
  private volatile Greeting greeting = socket -> {};
  private final ServerSocketFactory sockets;
  private volatile ServerSocket listener;
  private volatile Thread acceptor;

  /** What happens to a connection before its first request is read. */
  @FunctionalInterface
  interface Greeting {
    void meet(Socket socket) throws IOException;
  }

  private Backend(String name, ServerSocketFactory sockets) throws IOException {
    this.name = name;
    this.sockets = sockets;
    this.listener = listen(sockets, 0);
    this.address = (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** One that listens on a port of its own. */
  static Backend open(String name) throws IOException {
    return open(name, ServerSocketFactory.getDefault());
  }

  /** The same, behind TLS when the factory makes such sockets. */
  static Backend open(String name, ServerSocketFactory sockets) throws IOException {
    Backend backend = new Backend(name, sockets);
    backend.start();
    return backend;
  }

  private static ServerSocket listen(ServerSocketFactory sockets, int port) throws IOException {
    ServerSocket socket = sockets.createServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
    return socket;
  }

  private void start() {
    ServerSocket current = listener;
    acceptor = daemon("backend-" + name, () -> accept(current));
  }

  String name() {
    return name;
  }

  int port() {
    return address.getPort();
  }

  /** The same as {@code 127.0.0.1:port}. */
  String hostAndPort() {
    return "127.0.0.1:" + port();
  }

  /** From now on it does this. */
  Backend plays(Script next) {
    script = next;
    return this;
  }

  /** It does these, one request after the other, and the last one for all that follow. */
  Backend playsInTurn(Script... scripts) {
    AtomicInteger count = new AtomicInteger();
    return plays(turn -> scripts[Math.min(count.getAndIncrement(), scripts.length - 1)].play(turn));
  }

  /** From now on connections meet this first. */
  Backend greets(Greeting next) {
    greeting = next;
    return this;
  }

  /** From now on nobody listens: connecting is refused, and what was open is closed. */
  Backend leaves() throws IOException {
    listener.close();
    try {
      acceptor.join(); // the kernel listens as long as a thread waits in accept
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closeConnections();
    return this;
  }

  /** It listens again, on the same port. */
  Backend returns() throws IOException {
    listener = listen(sockets, port());
    start();
    return this;
  }

  /** Closes every connection, as a server does with idle ones. */
  void closeConnections() throws IOException {
    for (Socket socket : open.values()) {
      socket.close();
    }
  }

  /** What has arrived. */
  List<Received> received() {
    return List.copyOf(received);
  }

  /** The only request that has arrived. */
  Received only() {
    List<Received> all = received();
    if (all.size() != 1) {
      throw new AssertionError(name + " got " + all.size() + " requests instead of one: " + all);
    }
    return all.get(0);
  }

  /** How many connections were made. */
  int accepted() {
    return accepted.get();
  }

  /** How many connections are open. */
  int open() {
    return open.size();
  }

  /** Whether the connection that brought the newest request is open. */
  boolean newestIsOpen() {
    return open.containsKey(received.get(received.size() - 1).connection());
  }

  private void accept(ServerSocket current) {
    while (!current.isClosed()) {
      try {
        Socket socket = current.accept();
        int number = accepted.incrementAndGet();
        open.put(number, socket);
        daemon("backend-" + name + "-" + number, () -> serve(socket, number));
      } catch (IOException closed) {
        // the loop's condition sees it
      }
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      greeting.meet(socket);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int before = 0; !socket.isClosed(); before++) {
        Received request = read(in, number);
        received.add(request);
        script.play(new Turn(this, socket, request, before));
      }
    } catch (IOException gone) {
      // the client has closed or reset the connection, or a script has
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(number);
    }
  }

  private static Received read(InputStream in, int connection) throws IOException {
    String head = head(in);
    Received request = new Received(connection, head, new byte[0]);
    if (request.value("Transfer-Encoding").isPresent()) {
      return new Received(connection, head, chunks(in));
    }
    int length = request.value("Content-Length").map(Integer::parseInt).orElse(0);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("within the body");
    }
    return new Received(connection, head, body);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      head.append(line).append("\r\n");
    }
    return head.toString();
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      byte[] chunk = in.readNBytes(size);
      if (chunk.length < size) {
        throw new EOFException("within a chunk");
      }
      body.write(chunk);
      line(in);
    }
    head(in); // trailers
    return body.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in).split(";")[0].strip(), 16);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("within a line");
      }
      line.write(c);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() throws IOException {
    leaves();
  }
}
