package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.SelectionKey;

/**
 * A connection that has been refused before it began. The kernel's {@code shutdown} alone is not
 * enough: bytes that have arrived before it can still be read. Thread-safe.
 */
public final class Refused extends WireSession {
  private static final int SHUT_BOTH = 2;

  private final String reason;

  private Refused(FileDescriptor fd, String reason) {
    super(fd);
    this.reason = reason;
  }

  /** Ends the connection of a descriptor; its reads and writes throw {@code reason} from now on. */
  public static void refuse(FileDescriptor fd, String reason) {
    Wire.attach(new Refused(fd, reason));
    try {
      Raw.SHUTDOWN.invokeExact(fd, SHUT_BOTH);
    } catch (IOException alreadyGone) {
      // nothing left to shut
    } catch (Throwable e) {
      throw Wire.sneaky(e);
    }
  }

  private SocketException refusal() {
    return new SocketException(reason);
  }

  @Override
  public int read(long address, int length) throws IOException {
    throw refusal();
  }

  @Override
  public long readv(long vectors, int count) throws IOException {
    throw refusal();
  }

  @Override
  public int write(long address, int length) throws IOException {
    throw refusal();
  }

  @Override
  public long writev(long vectors, int count) throws IOException {
    throw refusal();
  }

  @Override
  public int available() {
    return 0;
  }

  @Override
  public void shutdown(int how) {
    // has been
  }

  @Override
  public boolean park(int event, long nanos) {
    return true; // nothing to wait for
  }

  @Override
  public int interest(SelectionKey key, int events) {
    return events; // the kernel reports the end
  }

  @Override
  public int poll(Object channel, int events) {
    return events;
  }

  @Override
  public boolean preClose() {
    return false;
  }

  @Override
  public boolean close() {
    Wire.detach(this);
    return false;
  }

  @Override
  public void abandon(Throwable fault) {
    // holds nothing
  }

  @Override
  public void abort(Throwable fault) {
    // cannot end more than it has
  }
}
