package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * {@link Wire} for {@code AsynchronousSocketChannel}, whose event port the mesh does not translate
 * yet: such a channel is refused where mutual TLS is due, and passes untouched elsewhere. It never
 * carries plaintext where policy forbids it.
 */
public final class AsynchronousWire {
  private AsynchronousWire() {}

  /** {@code Net.accept}. */
  public static int accept(FileDescriptor fd, FileDescriptor newfd, InetSocketAddress[] remote)
      throws IOException {
    return Wire.accept(fd, newfd, remote, true);
  }

  /** {@code Net.connect}. */
  public static int connect(
      @Nullable ProtocolFamily family, FileDescriptor fd, SocketAddress remote, Object channel)
      throws IOException {
    return Wire.connect(family, fd, remote, channel);
  }

  /** {@code Net.connect}. */
  public static int connect(FileDescriptor fd, InetAddress remote, int port, Object channel)
      throws IOException {
    return Wire.connect(fd, remote, port, channel);
  }

  /** {@code Net.listen}. */
  public static void listen(FileDescriptor fd, int backlog) throws IOException {
    Wire.listen(fd, backlog);
  }
}
