package app;

import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireHooks;
import dev.weft.bootstrap.WireSession;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The agent of this JVM, with faults: stands between woven code and the agent, and throws where it
 * is told to, once.
 */
final class FaultyAgent extends WireHooks {
  /** Where in a call the fault happens. */
  enum When {
    BEFORE,
    AFTER
  }

  /** A fault that waits for its call. */
  record Plan(String call, When when, Throwable fault) {}

  private final WireHooks agent;
  private final AtomicReference<Plan> plan = new AtomicReference<>();
  private volatile boolean wrapping;
  private volatile FileDescriptor last;

  private FaultyAgent(WireHooks agent) {
    this.agent = agent;
  }

  /** Takes the agent's place. */
  static FaultyAgent install() throws ReflectiveOperationException {
    FaultyAgent faulty = new FaultyAgent((WireHooks) field("hooks"));
    Wire.install(faulty, (ThreadGroup) field("own"));
    return faulty;
  }

  private static Object field(String name) throws ReflectiveOperationException {
    Field field = Wire.class.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(null);
  }

  /** Whether sessions that begin now can have faults. */
  void wrapping(boolean on) {
    wrapping = on;
  }

  /** The next such call fails. */
  void plan(Plan next) {
    plan.set(next);
  }

  /** Whether the planned fault has not happened. */
  boolean planned() {
    return plan.get() != null;
  }

  private interface Call<T> {
    T go() throws IOException;
  }

  private <T> T fault(String call, Call<T> delegate) throws IOException {
    Plan due = plan.get();
    if (due == null || !due.call().equals(call) || !plan.compareAndSet(due, null)) {
      return delegate.go();
    }
    if (due.when() == When.AFTER) {
      delegate.go();
    }
    throw sneaky(due.fault());
  }

  private <T> T quietly(String call, Call<T> delegate) {
    try {
      return fault(call, delegate);
    } catch (IOException e) {
      throw sneaky(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }

  /** The agent does not know a wrapped session again, so no more are wrapped than needed. */
  private void wrap(FileDescriptor fd) {
    WireSession session = Wire.session(fd);
    if (wrapping && session != null) {
      Wire.attach(new FaultySession(session));
    }
  }

  /** The connection that was made last can have faults from now on. */
  void wrapLast() {
    wrap(last);
  }

  @Override
  public void accepted(FileDescriptor fd, InetSocketAddress remote) {
    quietly(
        "accepted",
        () -> {
          agent.accepted(fd, remote);
          return 0;
        });
    wrap(fd);
  }

  @Override
  public int connect(
      ProtocolFamily family, FileDescriptor fd, InetSocketAddress remote, Object channel)
      throws IOException {
    last = fd;
    int status = fault("connect", () -> agent.connect(family, fd, remote, channel));
    wrap(fd);
    return status;
  }

  @Override
  public void overlapped(InetSocketAddress remote) {
    agent.overlapped(remote); // on Windows only
  }

  @Override
  public void listening(FileDescriptor fd) {
    quietly(
        "listening",
        () -> {
          agent.listening(fd);
          return 0;
        });
  }

  @Override
  public InetAddress[] resolve(String host) {
    return quietly("resolve", () -> agent.resolve(host));
  }

  @Override
  public String name(InetAddress address) {
    return quietly("name", () -> agent.name(address));
  }

  @Override
  public boolean virtual(InetAddress address) {
    return quietly("virtual", () -> agent.virtual(address));
  }

  @Override
  public long beforeSelect(Object selector, long timeout) {
    return quietly("beforeSelect", () -> agent.beforeSelect(selector, timeout));
  }

  @Override
  public int readyOps(SelectionKey key, int events) {
    return quietly("readyOps", () -> agent.readyOps(key, events));
  }

  @Override
  public int afterSelect(Object selector, Consumer<?> action, int updated, long timeout)
      throws IOException {
    return fault("afterSelect", () -> agent.afterSelect(selector, action, updated, timeout));
  }

  @Override
  public void wakeup(Object selector) {
    quietly(
        "wakeup",
        () -> {
          agent.wakeup(selector);
          return 0;
        });
  }

  @Override
  public void faulted(String call, Throwable fault) {
    agent.faulted(call, fault);
  }

  private final class FaultySession extends WireSession {
    private final WireSession session;

    FaultySession(WireSession session) {
      super(session.descriptor);
      this.session = session;
    }

    @Override
    public void beginWrite(boolean blocking) {
      quietly(
          "beginWrite",
          () -> {
            session.beginWrite(blocking);
            return 0;
          });
    }

    @Override
    public boolean connected() throws IOException {
      boolean connected = fault("connected", session::connected);
      if (connected && Wire.session(descriptor) != this) {
        wrap(descriptor);
      }
      return connected;
    }

    @Override
    public boolean encrypts() {
      return quietly("encrypts", session::encrypts);
    }

    @Override
    public int found(int events) {
      return quietly("found", () -> session.found(events));
    }

    @Override
    public int poll(Object channel, int events) {
      return quietly("poll", () -> session.poll(channel, events));
    }

    @Override
    public int read(long address, int length) throws IOException {
      return fault("read", () -> session.read(address, length));
    }

    @Override
    public long readv(long vectors, int count) throws IOException {
      return fault("readv", () -> session.readv(vectors, count));
    }

    @Override
    public int write(long address, int length) throws IOException {
      return fault("write", () -> session.write(address, length));
    }

    @Override
    public long writev(long vectors, int count) throws IOException {
      return fault("writev", () -> session.writev(vectors, count));
    }

    @Override
    public int available() throws IOException {
      return fault("available", session::available);
    }

    @Override
    public void shutdown(int how) throws IOException {
      fault(
          "shutdown",
          () -> {
            session.shutdown(how);
            return 0;
          });
    }

    @Override
    public boolean park(int event, long nanos) {
      return quietly("park", () -> session.park(event, nanos));
    }

    @Override
    public int interest(SelectionKey key, int events) {
      return quietly("interest", () -> session.interest(key, events));
    }

    @Override
    public boolean preClose() {
      return quietly("preClose", session::preClose);
    }

    @Override
    public boolean close() {
      Wire.detach(this);
      return quietly("close", session::close);
    }

    @Override
    public void abandon(Throwable fault) {
      session.abandon(fault);
    }

    @Override
    public void abort(Throwable fault) {
      session.abort(fault);
    }
  }
}
