package dev.weft.instrumentation.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server of web sockets (RFC 6455) that says what it hears, on the loopback address. A path such
 * as {@code /503} gets that status instead of a socket, {@code /silent} nothing at all. Messages of
 * one frame only. Thread-safe.
 */
public final class EchoSockets implements AutoCloseable {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final Pattern KEY = Pattern.compile("(?i)Sec-WebSocket-Key: *(.*)\r\n");
  private static final Pattern PROTOCOL = Pattern.compile("(?i)Sec-WebSocket-Protocol: *([^,\r]*)");
  private static final Pattern STATUS = Pattern.compile("GET /([1-5]\\d\\d) .*", Pattern.DOTALL);
  private static final int CLOSE = 8;
  private static final int MASKED = 0x80;

  /** Heads of the requests so far. */
  public final List<String> heads = new CopyOnWriteArrayList<>();

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Starts one. */
  public EchoSockets() throws IOException {
    daemon(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return server.getLocalPort();
  }

  /** How many connections are open. */
  public int open() {
    return open.size();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        daemon(() -> serve(socket));
      } catch (IOException e) {
        return; // the test has closed it
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      String head = head(in);
      heads.add(head);
      if (head.contains(" /silent ")) {
        in.transferTo(OutputStream.nullOutputStream()); // until the client goes
      } else if (shakesHands(head, socket.getOutputStream())) {
        echo(in, socket.getOutputStream());
      }
    } catch (IOException e) {
      // the client went
    } finally {
      open.remove(socket);
    }
  }

  /** Whether it became a web socket; else it has been answered, and the connection ends. */
  private static boolean shakesHands(String head, OutputStream out) throws IOException {
    Matcher status = STATUS.matcher(head);
    Matcher key = KEY.matcher(head);
    Matcher protocol = PROTOCOL.matcher(head);
    if (status.matches()) {
      write(out, "HTTP/1.1 " + status.group(1) + " Scripted\r\nServer-Name: echo\r\n");
      write(out, "Content-Length: 4\r\n\r\nbusy");
      return false;
    }
    if (!key.find()) {
      write(out, "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
      return false;
    }
    write(
        out,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accepting(key.group(1))
            + "\r\n"
            + (protocol.find() ? "Sec-WebSocket-Protocol: " + protocol.group(1) + "\r\n" : "")
            + "\r\n");
    return true;
  }

  /** Sends every frame back, until one closes. */
  private static void echo(DataInputStream in, OutputStream out) throws IOException {
    int first;
    do {
      first = in.readUnsignedByte();
      int length = in.readUnsignedByte() & ~MASKED;
      if (length == 126) {
        length = in.readUnsignedShort();
      }
      byte[] mask = in.readNBytes(4);
      byte[] payload = in.readNBytes(length);
      for (int i = 0; i < payload.length; i++) {
        payload[i] ^= mask[i % 4];
      }
      out.write(first);
      if (length < 126) {
        out.write(length);
      } else {
        out.write(new byte[] {126, (byte) (length >> 8), (byte) length});
      }
      out.write(payload);
      out.flush();
    } while ((first & 0xf) != CLOSE);
  }

  /** RFC 6455, section 4.2.2. */
  private static String accepting(String key) {
    try {
      byte[] text = (key.trim() + GUID).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "echo-sockets");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
