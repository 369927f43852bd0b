package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.SelectionKey;

/**
 * The mesh's share in one TCP connection, found by its descriptor in {@link Wire}. Every method
 * answers as the JDK method does that it stands in for, {@code sun.nio.ch.IOStatus} values included
 * (-1 end of stream, -2 would block, -3 interrupted). Thread-safe.
 */
public abstract class WireSession {
  /**
   * The very object that the JDK uses for the connection: descriptor numbers are reused, objects
   * are not.
   */
  public final FileDescriptor descriptor;

  /** A session of the connection with this descriptor. */
  protected WireSession(FileDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * {@code Net.pollConnectNow}: whether the connection is there; the failure of a connect that has
   * failed for good.
   */
  public boolean connected() throws IOException {
    return Wire.dialled(descriptor);
  }

  /**
   * Whether bytes differ between the application and the network, so that none may go past the
   * session, by {@code sendfile} or as urgent data.
   */
  public boolean encrypts() {
    return true;
  }

  /** {@code Net.sendOOB}: whether an urgent byte can be sent. May wait until that is known. */
  public boolean takesUrgentData() {
    return !encrypts();
  }

  /** What a selector shall believe of the native events that it has found. */
  public int found(int events) {
    return events;
  }

  /** {@code SocketDispatcher.read}: plaintext into native memory. */
  public abstract int read(long address, int length) throws IOException;

  /** {@code SocketDispatcher.readv}: plaintext into an array of {@code struct iovec}. */
  public abstract long readv(long vectors, int count) throws IOException;

  /**
   * A channel is about to write.
   *
   * @param blocking its mode, which the descriptor alone does not tell: whether the write shall
   *     wait until everything has been taken
   */
  public void beginWrite(boolean blocking) {}

  /** {@code SocketDispatcher.write}: plaintext from native memory. */
  public abstract int write(long address, int length) throws IOException;

  /** {@code SocketDispatcher.writev}: plaintext from an array of {@code struct iovec}. */
  public abstract long writev(long vectors, int count) throws IOException;

  /** {@code Net.available}: plaintext bytes that a read returns without waiting. */
  public abstract int available() throws IOException;

  /** {@code Net.shutdown}: 0 reading, 1 writing, 2 both. */
  public abstract void shutdown(int how) throws IOException;

  /**
   * Waits in place of the JDK's poll on the descriptor, where that would wait for the wrong thing.
   *
   * @param event {@code Net.POLLIN} or {@code Net.POLLOUT}
   * @param nanos at most this long; 0 or less: for ever
   * @return false: the JDK shall poll as usual
   */
  public abstract boolean park(int event, long nanos);

  /**
   * The native events that a selector shall wait for. Called by the selector with a lock of its own
   * held, which registering a channel takes behind the channel's: so it takes none of the channel.
   *
   * @param key of the {@code SocketChannelImpl}
   * @param events what the JDK would wait for
   */
  public abstract int interest(SelectionKey key, int events);

  /**
   * The native events that the port of an asynchronous channel shall wait for, once; 0: none, the
   * channel hears from us. Called by the channel with its own locks held, so it never waits and
   * takes no lock of a connection.
   *
   * @param channel the {@code UnixAsynchronousSocketChannelImpl} with pending operations
   * @param events what the JDK would wait for
   */
  public abstract int poll(Object channel, int events);

  /**
   * The JDK is about to invalidate the descriptor because other threads are inside a read or write.
   *
   * @return true: those threads wait inside the mesh and have been woken, the JDK need not do it
   */
  public abstract boolean preClose();

  /**
   * The JDK is about to close the descriptor.
   *
   * @return true: the mesh takes it over and closes it later, after what was written has been
   *     delivered
   */
  public abstract boolean close();

  /**
   * One of our own calls ended with a fault, so what the connection holds is worth nothing: it
   * ends, no further byte is sent or delivered, and whoever waits for it is woken.
   *
   * <p>Where memory or stack run out on the way, the fault has at least been noted: every method
   * that met one refuses from then on.
   */
  public abstract void abort(Throwable fault);

  /**
   * {@link #close} ended with a fault, and the JDK closes the descriptor itself: its number will be
   * another connection's, so nobody here may touch it again.
   */
  public abstract void abandon(Throwable fault);
}
