package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.bootstrap.Guard;
import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireHooks;
import dev.weft.bootstrap.WireSession;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What woven code meets between the JDK and the agent. */
class SeamTest {
  private final ThreadGroup own = new ThreadGroup("own");
  private final Heard hooks = new Heard();

  @BeforeEach
  void install() {
    Wire.install(hooks, own);
  }

  @AfterEach
  void remove() {
    Wire.install(null, null);
  }

  private interface Work {
    void run() throws IOException;
  }

  /** Everything that an outgoing or incoming connection goes through. */
  private void connectAndAccept() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    FileDescriptor made = new FileDescriptor();
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel channel = SocketChannel.open()) {
      int port = listener.socket().getLocalPort();
      Wire.resolve("stock");
      Wire.name(loopback);
      Wire.listen(NativeIo.descriptor((Object) listener), 50);
      Wire.connect(NativeIo.descriptor((Object) channel), loopback, port, channel);
      Wire.accept(NativeIo.descriptor((Object) listener), made, new InetSocketAddress[1]);
    } finally {
      if (made.valid()) {
        NativeIo.close(made);
      }
    }
  }

  private static void in(ThreadGroup group, Work work) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              work.run();
              return null;
            });
    new Thread(group, task).start();
    task.get();
  }

  @Test
  void connectionsOfTheAgentsOwnThreadsPassBy() throws Exception {
    in(own, this::connectAndAccept);

    assertThat(hooks.calls).isEmpty();
  }

  @Test
  void connectionsOfEverybodyElseDoNot() throws Exception {
    in(Thread.currentThread().getThreadGroup(), this::connectAndAccept);

    assertThat(hooks.calls).containsExactly("resolve", "name", "listening", "connect", "accepted");
  }

  @Test
  void aFaultOfASessionIsAnExceptionThatSocketsThrow() {
    Session session = new Session(new IllegalStateException("a bug"));

    for (Work work : session.work()) {
      assertThatThrownBy(work::run)
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("the mesh itself failed in")
          .hasMessageContaining("a bug");
    }
    assertThat(session.aborted).hasSize(4);
    assertThat(hooks.calls).containsExactly("faulted", "faulted", "faulted", "faulted");
  }

  @Test
  void aFaultNeverKeepsADescriptorOpen() {
    Session session = new Session(new IllegalStateException("a bug"));

    assertThat(Guard.preClose(session)).isFalse();
    assertThat(Guard.close(session)).isFalse();

    assertThat(session.aborted).hasSize(2);
  }

  @Test
  void whatASocketThrowsIsThrownAsItIs() {
    IOException reset = new SocketException("Connection reset");
    Session session = new Session(reset);

    for (Work work : session.work()) {
      assertThatThrownBy(work::run).isSameAs(reset);
    }
    assertThat(session.aborted).isEmpty();
  }

  @Test
  void anErrorOfTheMachineIsTheApplicationsTooAndEndsTheConnection() {
    Session session = new Session(new StackOverflowError());

    for (Work work : session.work()) {
      assertThatThrownBy(work::run).isInstanceOf(StackOverflowError.class);
    }
    assertThat(session.aborted).hasSize(4);
  }

  /** A session whose every call fails. */
  private static final class Session extends WireSession {
    final List<Throwable> aborted = new ArrayList<>();
    private final Throwable fault;

    Session(Throwable fault) {
      super(new FileDescriptor());
      this.fault = fault;
    }

    List<Work> work() {
      return List.of(
          () -> Guard.read(this, 0, 1),
          () -> Guard.readv(this, 0, 1),
          () -> Guard.write(this, 0, 1),
          () -> Guard.writev(this, 0, 1));
    }

    @SuppressWarnings("unchecked")
    private <T extends Throwable> RuntimeException fail() throws T {
      throw (T) fault;
    }

    @Override
    public int read(long address, int length) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public long readv(long vectors, int count) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public int write(long address, int length) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public long writev(long vectors, int count) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public int available() {
      throw this.<RuntimeException>fail();
    }

    @Override
    public void shutdown(int how) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public boolean park(int event, long nanos) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public int interest(SelectionKey key, int events) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public int poll(Object channel, int events) {
      throw this.<RuntimeException>fail();
    }

    @Override
    public boolean preClose() {
      throw this.<RuntimeException>fail();
    }

    @Override
    public boolean close() {
      throw this.<RuntimeException>fail();
    }

    @Override
    public void abort(Throwable e) {
      aborted.add(e);
    }

    @Override
    public void abandon(Throwable e) {
      aborted.add(e);
    }
  }

  /** Notes what it hears, and does as if there were no mesh. */
  private static final class Heard extends WireHooks {
    final List<String> calls = new ArrayList<>();

    @Override
    public void accepted(FileDescriptor fd, InetSocketAddress remote) {
      calls.add("accepted");
    }

    @Override
    public int connect(
        ProtocolFamily family, FileDescriptor fd, InetSocketAddress remote, Object channel)
        throws IOException {
      calls.add("connect");
      return Wire.dial(family, fd, remote.getAddress(), remote.getPort());
    }

    @Override
    public void overlapped(InetSocketAddress remote) {
      calls.add("overlapped");
    }

    @Override
    public void listening(FileDescriptor fd) {
      calls.add("listening");
    }

    @Override
    public InetAddress[] resolve(String host) {
      calls.add("resolve");
      return null;
    }

    @Override
    public String name(InetAddress address) {
      calls.add("name");
      return null;
    }

    @Override
    public boolean virtual(InetAddress address) {
      calls.add("virtual");
      return false;
    }

    @Override
    public long beforeSelect(Object selector, long timeout) {
      return timeout;
    }

    @Override
    public int readyOps(SelectionKey key, int events) {
      return events;
    }

    @Override
    public int afterSelect(Object selector, Consumer<?> action, int updated, long timeout) {
      return updated;
    }

    @Override
    public void wakeup(Object selector) {
      calls.add("wakeup");
    }

    @Override
    public void faulted(String call, Throwable fault) {
      calls.add("faulted");
    }
  }
}
