package dev.weft.instrumentation.okhttp;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** An HTTP/2 server that refuses every stream (RFC 9113, section 8.7). */
final class RefusingH2Server implements AutoCloseable {
  private static final int PREFACE = 24;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int ACK = 1;
  private static final byte[] NO_SETTINGS = {0, 0, 0, SETTINGS, 0, 0, 0, 0, 0};
  private static final byte[] SETTINGS_ACK = {0, 0, 0, SETTINGS, ACK, 0, 0, 0, 0};

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  RefusingH2Server() throws IOException {
    Thread thread = new Thread(this::serve);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        refuse(new DataInputStream(socket.getInputStream()), socket.getOutputStream());
      } catch (IOException e) {
        // the client went, or the test closed the server
      }
    }
  }

  private static void refuse(DataInputStream in, OutputStream out) throws IOException {
    in.readFully(new byte[PREFACE]);
    out.write(NO_SETTINGS);
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      in.readFully(new byte[length]);
      if (type == SETTINGS && (flags & ACK) == 0) {
        out.write(SETTINGS_ACK);
      } else if (type == HEADERS) {
        // RST_STREAM with REFUSED_STREAM
        out.write(
            new byte[] {0, 0, 4, 3, 0, 0, 0, (byte) (stream >> 8), (byte) stream, 0, 0, 0, 7});
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
