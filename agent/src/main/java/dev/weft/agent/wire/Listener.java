package dev.weft.agent.wire;

import dev.weft.bootstrap.Wire;
import java.io.FileDescriptor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/** A listening socket: nothing passes it, but its close must be heard. */
final class Listener extends KernelSession {
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final int port;
  private final IntConsumer onClose;

  /** {@code onClose} is told the port, once. */
  Listener(FileDescriptor fd, int port, IntConsumer onClose) {
    super(fd);
    this.port = port;
    this.onClose = onClose;
  }

  @Override
  public int read(long address, int length) {
    return Transport.EOF;
  }

  @Override
  public long readv(long vectors, int count) {
    return Transport.EOF;
  }

  @Override
  public int write(long address, int length) {
    return Transport.UNAVAILABLE;
  }

  @Override
  public long writev(long vectors, int count) {
    return Transport.UNAVAILABLE;
  }

  @Override
  public int available() {
    return 0;
  }

  @Override
  public void shutdown(int how) {
    // a listening socket has no halves
  }

  @Override
  public boolean preClose() {
    closed();
    return false;
  }

  @Override
  public boolean close() {
    closed();
    return false;
  }

  @Override
  public void abort(Throwable fault) {
    // nothing passes here that could be spoilt
  }

  @Override
  public void abandon(Throwable fault) {
    closed();
  }

  private void closed() {
    if (open.getAndSet(false)) {
      Wire.detach(this);
      onClose.accept(port);
    }
  }
}
