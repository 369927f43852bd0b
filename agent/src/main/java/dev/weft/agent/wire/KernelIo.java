package dev.weft.agent.wire;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link SocketIo} on a descriptor of the kernel. */
final class KernelIo implements SocketIo {
  /** What a writable socket with a {@link #ROOMY} buffer takes without waiting. */
  private static final int GUARDED_WRITE = 4 * 1024;

  /**
   * The send buffer that makes it so. A kernel calls a socket writable when a third of its buffer
   * is free; of the smallest buffers, that is less than the bookkeeping of one segment.
   */
  private static final int ROOMY = 32 * 1024;

  private FileDescriptor fd; // the JDK's, or our own copy once it has closed its
  private boolean readsGuarded = true;
  private boolean writesGuarded = true;
  private int sendBuffer; // the application's, while ours is larger; 0: it is the application's

  KernelIo(FileDescriptor fd) {
    this.fd = fd;
  }

  @Override
  public void guardReads(boolean on) {
    readsGuarded = on;
  }

  @Override
  public void guardWrites(boolean on) {
    writesGuarded = on;
    if (!on && sendBuffer > 0) {
      try {
        NativeIo.sendBuffer(fd, sendBuffer);
      } catch (IOException alreadyGone) {
        // nothing is sent any more
      }
      sendBuffer = 0;
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (readsGuarded && NativeIo.ready(fd, NativeIo.POLLIN) == 0) {
      return UNAVAILABLE;
    }
    return NativeIo.read(fd, target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (!writesGuarded) {
      return NativeIo.write(fd, source);
    }
    if (NativeIo.ready(fd, NativeIo.POLLOUT) == 0) {
      return UNAVAILABLE;
    }
    int size = NativeIo.sendBuffer(fd);
    if (size < ROOMY) {
      sendBuffer = size;
      NativeIo.sendBuffer(fd, ROOMY);
    }
    int n = NativeIo.write(fd, source.slice().limit(Math.min(source.remaining(), GUARDED_WRITE)));
    if (n > 0) {
      source.position(source.position() + n);
    }
    return n;
  }

  @Override
  public boolean readable() throws IOException {
    return NativeIo.ready(fd, NativeIo.POLLIN) != 0;
  }

  @Override
  public boolean writable() throws IOException {
    return NativeIo.ready(fd, NativeIo.POLLOUT) != 0;
  }

  @Override
  public boolean broken() throws IOException {
    return (NativeIo.ready(fd, NativeIo.POLLOUT) & (NativeIo.POLLERR | NativeIo.POLLHUP)) != 0;
  }

  @Override
  public int available() throws IOException {
    return NativeIo.available(fd);
  }

  @Override
  public void noDelay() throws IOException {
    NativeIo.noDelay(fd);
  }

  @Override
  public boolean resetsOnClose() throws IOException {
    return NativeIo.linger(fd) == 0;
  }

  @Override
  public void shutdown(int how) throws IOException {
    NativeIo.shutdown(fd, how);
  }

  @Override
  public void keep() {
    fd = NativeIo.copy(fd);
    try {
      if (NativeIo.linger(fd) > 0) {
        NativeIo.noLinger(fd); // or our close would wait in place of the application's
      }
    } catch (IOException alreadyGone) {
      // nothing is left to wait for
    }
  }

  @Override
  public void close() throws IOException {
    NativeIo.close(fd);
  }
}
