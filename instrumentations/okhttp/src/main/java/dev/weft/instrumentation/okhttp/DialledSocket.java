package dev.weft.instrumentation.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The socket that an attempt dials, so that the dial can be broken off: the library can do that by
 * cancelling the whole call only, each version in another way. Thread-safe.
 */
final class DialledSocket {
  private @Nullable Socket socket;
  private boolean closed;

  /** The application's factory, watched. The library asks for unconnected sockets only. */
  SocketFactory by(SocketFactory applications) {
    return new Watched(applications);
  }

  /**
   * Closes it, unless it is connected: then it may be others' too. Later ones are closed at once.
   */
  synchronized void close() {
    closed = true;
    Socket dialling = socket;
    if (dialling != null && !dialling.isConnected()) {
      closeQuietly(dialling);
    }
  }

  private synchronized Socket watched(Socket made) throws SocketException {
    if (closed) {
      closeQuietly(made);
      throw new SocketException("Socket closed");
    }
    socket = made;
    return made;
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // there is nothing left to close
    }
  }

  private final class Watched extends SocketFactory {
    private final SocketFactory applications;

    Watched(SocketFactory applications) {
      this.applications = applications;
    }

    @Override
    public Socket createSocket() throws IOException {
      return watched(applications.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return watched(applications.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return watched(applications.createSocket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return watched(applications.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return watched(applications.createSocket(host, port, local, localPort));
    }
  }
}
