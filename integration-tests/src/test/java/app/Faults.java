package app;

import app.FaultyAgent.Plan;
import app.FaultyAgent.When;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * What an application sees when the agent itself fails, at each call from the JDK into it and with
 * each kind of fault. Prints {@code <call> ok} or what went wrong.
 */
public final class Faults {
  private static final byte[] SAID = "what was said".getBytes(StandardCharsets.US_ASCII);
  private static final int PATIENCE_MILLIS = 20_000;

  private static final List<Supplier<Throwable>> FAULTS =
      List.of(
          () -> new IllegalStateException("planned"),
          () -> new NoClassDefFoundError("planned"),
          () -> new InterruptedException("planned"),
          () -> new StackOverflowError("planned"),
          () -> new OutOfMemoryError("planned"));

  private interface Use {
    void go(SocketChannel channel) throws Exception;
  }

  private interface Trial {
    void run(When when, Throwable fault) throws Exception;
  }

  private final FaultyAgent agent = FaultyAgent.install();
  private final ServerSocketChannel listener;

  private Faults() throws IOException, ReflectiveOperationException {
    listener = ServerSocketChannel.open().bind(new InetSocketAddress(loopback(), 0));
  }

  /** Plays the stories named, or every one. */
  public static void main(String[] args) throws Exception {
    new Faults().playAll(List.of(args));
    System.out.println("done");
  }

  private void playAll(List<String> named) throws Exception {
    Map<String, Use> uses = new LinkedHashMap<>();
    uses.put("read", channel -> channel.read(ByteBuffer.allocate(100)));
    uses.put("readv", channel -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(100)}));
    uses.put("beginWrite", channel -> channel.write(said()));
    uses.put("write", channel -> channel.write(said()));
    uses.put("writev", channel -> channel.write(new ByteBuffer[] {said(), ByteBuffer.allocate(0)}));
    uses.put("available", channel -> channel.socket().getInputStream().available());
    uses.put("shutdown", SocketChannel::shutdownOutput);
    uses.put("park", Faults::readLater);
    uses.put("interest", Faults::readBySelector);
    uses.put("encrypts", Faults::transfer);

    Map<String, Trial> trials = new LinkedHashMap<>();
    uses.forEach((call, use) -> trials.put(call, (when, fault) -> use(call, use, when, fault)));
    trials.put("close", this::close);
    trials.put("preClose", this::preClose);
    trials.put("accepted", this::accepted);
    trials.put("connect", this::connect);
    trials.put("connected", (when, fault) -> finishConnect("connected", when, fault));
    trials.put("found", (when, fault) -> finishConnect("found", when, fault));
    trials.put("poll", this::readAsynchronously);
    trials.put("listening", this::listening);
    trials.put("resolve", this::resolve);
    trials.put("name", this::name);
    trials.put("readyOps", (when, fault) -> select("readyOps", when, fault));
    trials.put("wakeup", (when, fault) -> select("wakeup", when, fault));
    trials.put("beforeSelect", (when, fault) -> select("beforeSelect", when, fault));
    trials.put("afterSelect", (when, fault) -> select("afterSelect", when, fault));

    if (!named.isEmpty()) {
      trials.keySet().retainAll(named);
    }
    allIsWell(); // and what the JDK opens once is open
    AsynchronousSocketChannel.open().close();
    long before = descriptors();
    for (Map.Entry<String, Trial> trial : trials.entrySet()) {
      System.out.println(trial.getKey() + " " + play(trial.getValue()));
    }
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (descriptors() > before && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
    System.out.println(
        "descriptors " + (descriptors() > before ? before + " -> " + descriptors() : "ok"));
  }

  private String play(Trial trial) {
    for (Supplier<Throwable> faults : FAULTS) {
      for (When when : When.values()) {
        Throwable fault = faults.get();
        if (when == When.AFTER && fault instanceof LinkageError) {
          continue; // before the call or never
        }
        try {
          trial.run(when, fault);
          expect(!agent.planned(), "the fault did not happen");
          allIsWell();
        } catch (Throwable e) {
          e.printStackTrace();
          return "failed: " + when + " " + fault + ": " + e;
        } finally {
          agent.plan(null);
          agent.wrapping(false);
        }
      }
    }
    return "ok";
  }

  /** A fault ends its connection, and nothing else. */
  private void allIsWell() throws IOException {
    try (SocketChannel client = connect();
        SocketChannel server = accept()) {
      client.write(said());
      byte[] heard = server.socket().getInputStream().readNBytes(SAID.length);
      expect(Arrays.equals(heard, SAID), "a later connection is broken");
    }
  }

  // ---- connections that are there ----

  private void use(String call, Use use, When when, Throwable fault) throws Exception {
    for (boolean established : new boolean[] {true, false}) {
      if (!established
          && (call.equals("available") || call.equals("interest") || call.equals("encrypts"))) {
        continue; // says nothing about a connection that has not begun
      }
      agent.wrapping(true);
      try (SocketChannel client = connect()) {
        agent.wrapping(false);
        try (SocketChannel server = accept()) {
          if (established) {
            client.write(said());
            expect(received(server, SAID.length) == SAID.length, "not established");
          }
          if (!call.equals("park")) {
            server.write(said()); // so that a read has something to read
          }
          agent.plan(new Plan(call, when, fault));
          meets(fault, () -> use.go(client));
          expect(!agent.planned(), "the fault did not happen");
          throwsIt(IOException.class, () -> client.write(said()));
          throwsIt(IOException.class, () -> client.read(ByteBuffer.allocate(100)));
          received(server, Integer.MAX_VALUE); // ends, by whatever, and holds nothing else
        }
      }
    }
  }

  private static void readLater(SocketChannel channel) throws IOException {
    channel.socket().setSoTimeout(PATIENCE_MILLIS);
    channel.socket().getInputStream().read();
  }

  private static void readBySelector(SocketChannel channel) throws IOException {
    try (Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      expect(selector.select(PATIENCE_MILLIS) == 1, "the selector does not see that it ended");
      channel.read(ByteBuffer.allocate(100));
    } finally {
      channel.configureBlocking(true);
    }
  }

  private static void transfer(SocketChannel channel) throws IOException {
    Path file = Files.createTempFile("faults", "");
    try {
      Files.write(file, SAID);
      try (FileChannel source = FileChannel.open(file)) {
        source.transferTo(0, SAID.length, channel);
      }
    } finally {
      Files.delete(file);
    }
  }

  private void close(When when, Throwable fault) throws Exception {
    agent.wrapping(true);
    SocketChannel client = connect();
    agent.wrapping(false);
    try (SocketChannel server = accept()) {
      client.write(said());
      received(server, SAID.length);
      agent.plan(new Plan("close", when, fault));
      client.close();
      interrupted(fault);
      received(server, Integer.MAX_VALUE);
    }
  }

  private void preClose(When when, Throwable fault) throws Exception {
    agent.wrapping(true);
    Socket client = new Socket(loopback(), listener.socket().getLocalPort());
    agent.wrapping(false);
    try (SocketChannel server = accept()) {
      CountDownLatch left = new CountDownLatch(1);
      CountDownLatch reads = new CountDownLatch(1);
      client.getOutputStream().write(SAID);
      received(server, SAID.length);
      Thread reader =
          new Thread(
              () -> {
                reads.countDown();
                try {
                  client.getInputStream().read();
                } catch (IOException e) {
                  left.countDown();
                }
              });
      reader.start();
      reads.await();
      while (agent.planned() || !waits(reader)) {
        Thread.onSpinWait();
      }
      agent.plan(new Plan("preClose", when, fault));
      client.close();
      interrupted(fault);
      left.await();
      received(server, Integer.MAX_VALUE);
    }
  }

  private static boolean waits(Thread reader) {
    StackTraceElement[] stack = reader.getStackTrace();
    return stack.length > 0
        && stack[0].isNativeMethod()
        && stack[0].getClassName().startsWith("sun.nio.ch.");
  }

  // ---- connections that are being made ----

  private void accepted(When when, Throwable fault) throws Exception {
    agent.plan(new Plan("accepted", when, fault));
    try (SocketChannel client = connect();
        SocketChannel server = accept()) { // a server's loop goes on
      interrupted(fault);
      ends(server);
      ends(client);
    }
  }

  private void connect(When when, Throwable fault) throws Exception {
    agent.plan(new Plan("connect", when, fault));
    try (Socket client = new Socket()) {
      meets(fault, () -> client.connect(listener.getLocalAddress()));
    }
    nothingIsSaid();
  }

  private void finishConnect(String call, When when, Throwable fault) throws Exception {
    agent.wrapping(true);
    try (SocketChannel client = SocketChannel.open();
        Selector selector = Selector.open()) {
      client.configureBlocking(false);
      agent.plan(new Plan(call, when, fault));
      if (client.connect(listener.getLocalAddress())) {
        agent.plan(null); // the kernel was too quick: nothing to finish
        nothingIsSaid();
        return;
      }
      client.register(selector, SelectionKey.OP_CONNECT);
      meets(
          fault,
          () -> {
            while (agent.planned() || client.isConnectionPending()) {
              selector.select();
              selector.selectedKeys().clear();
              client.finishConnect();
            }
            client.write(said());
          });
    }
    nothingIsSaid();
  }

  private void nothingIsSaid() throws IOException {
    listener.configureBlocking(false);
    try (SocketChannel server = listener.accept()) {
      if (server != null) {
        ends(server);
      }
    } finally {
      listener.configureBlocking(true);
    }
  }

  private void readAsynchronously(When when, Throwable fault) throws Exception {
    try (AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
      client.connect(listener.getLocalAddress()).get();
      try (SocketChannel server = accept()) {
        client.write(said()).get();
        expect(received(server, SAID.length) == SAID.length, "not established");
        agent.wrapping(true);
        agent.wrapLast();
        agent.plan(new Plan("poll", when, fault));
        meets(
            fault,
            () -> {
              Future<Integer> read = client.read(ByteBuffer.allocate(100));
              boolean interrupted = Thread.interrupted();
              try {
                read.get();
              } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                // The JDK itself makes an IOException of whatever an operation throws.
                if (cause.getCause() == fault) {
                  throw (Error) fault;
                }
                throw (IOException) cause;
              } finally {
                if (interrupted) {
                  Thread.currentThread().interrupt();
                }
              }
            });
        ends(server);
      }
    }
  }

  private void listening(When when, Throwable fault) throws Exception {
    agent.plan(new Plan("listening", when, fault));
    try (ServerSocketChannel other = ServerSocketChannel.open()) {
      if (fault instanceof VirtualMachineError) {
        meets(fault, () -> other.bind(null));
      } else {
        other.bind(null);
        interrupted(fault);
      }
    }
  }

  private void resolve(When when, Throwable fault) throws Exception {
    agent.plan(new Plan("resolve", when, fault));
    if (fault instanceof VirtualMachineError) {
      meets(fault, () -> InetAddress.getByName("localhost"));
    } else {
      throwsIt(UnknownHostException.class, () -> InetAddress.getByName("localhost"));
      interrupted(fault);
    }
    InetAddress.getByName("localhost"); // and no cache has kept it
  }

  private void name(When when, Throwable fault) throws Exception {
    InetAddress address = loopback();
    agent.plan(new Plan("name", when, fault));
    if (fault instanceof VirtualMachineError) {
      meets(fault, address::getHostName);
    } else {
      expect(!address.getHostName().isEmpty(), "no name");
      interrupted(fault);
    }
  }

  private void select(String call, When when, Throwable fault) throws Exception {
    try (SocketChannel client = connect();
        SocketChannel server = accept();
        Selector selector = Selector.open()) {
      server.configureBlocking(false);
      SelectionKey key = server.register(selector, SelectionKey.OP_READ);
      client.write(said());
      agent.plan(new Plan(call, when, fault));
      if (fault instanceof VirtualMachineError) {
        meets(
            fault,
            () -> {
              while (agent.planned()) {
                selector.wakeup();
                selector.select();
              }
            });
      }
      selector.wakeup();
      while (!key.isReadable()) {
        selector.select();
        interrupted(agent.planned() ? null : fault);
      }
      key.cancel();
      selector.selectNow();
      server.configureBlocking(true);
      expect(received(server, SAID.length) == SAID.length, "lost");
    }
  }

  // ---- tools ----

  private interface Throwing {
    void go() throws Exception;
  }

  /** Trouble of the virtual machine arrives as it is; any other fault as what the JDK declares. */
  private static void meets(Throwable fault, Throwing use) throws Exception {
    Throwable met = null;
    try {
      use.go();
    } catch (Throwable e) {
      met = e;
    }
    boolean interrupted = Thread.interrupted();
    expect(interrupted == (fault instanceof InterruptedException), "interrupted: " + interrupted);
    if (fault instanceof VirtualMachineError) {
      expect(met == fault, "met " + met);
    } else {
      expect(met instanceof IOException && !(met instanceof SocketTimeoutException), "met " + met);
    }
  }

  private static void interrupted(Throwable fault) {
    boolean interrupted = Thread.interrupted();
    expect(!interrupted || fault instanceof InterruptedException, "interrupted by " + fault);
  }

  private static void throwsIt(Class<? extends Throwable> type, Throwing use) {
    try {
      use.go();
    } catch (Throwable e) {
      expect(type.isInstance(e), "met " + e);
      return;
    }
    throw new AssertionError("nothing was thrown");
  }

  private static void ends(SocketChannel channel) throws IOException {
    expect(received(channel, Integer.MAX_VALUE) == 0, "something was said");
  }

  /** Up to so many bytes, which must be what was said; fewer, if the connection ends. */
  private static int received(SocketChannel channel, int atMost) throws IOException {
    Socket socket = channel.socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    int n = 0;
    try {
      while (n < atMost) {
        int b = socket.getInputStream().read();
        if (b < 0) {
          break;
        }
        expect(b == SAID[n % SAID.length], "byte " + n + " is " + b);
        n++;
      }
    } catch (SocketTimeoutException hangs) {
      throw hangs;
    } catch (IOException ended) {
      // as good as an end
    }
    return n;
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(listener.getLocalAddress());
  }

  private SocketChannel accept() throws IOException {
    return listener.accept();
  }

  private static ByteBuffer said() {
    return ByteBuffer.wrap(SAID);
  }

  private static InetAddress loopback() throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  private static long descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  private static void expect(boolean held, String otherwise) {
    if (!held) {
      throw new AssertionError(otherwise);
    }
  }
}
