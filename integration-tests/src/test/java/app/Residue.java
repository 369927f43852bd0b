package app;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.management.ObjectName;

/**
 * What is left when connections have come and gone, both ends of which are in this JVM. Prints
 * {@code <story> ok} or what went wrong, for each. {@code ROUNDS} is how many times each kind of
 * connection is made, {@code RELOADS} how many web applications come and go.
 */
public final class Residue {
  private static final int ROUNDS = number("ROUNDS", 30);
  private static final int RELOADS = number("RELOADS", 10);
  private static final int PATIENCE_SECONDS = 30;

  /** An application's secret, which no thread of the agent may inherit. */
  private static final InheritableThreadLocal<Object> INHERITABLE = new InheritableThreadLocal<>();

  private interface Story {
    void play() throws Exception;
  }

  private final InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private Residue() throws IOException {}

  /** Plays every story. */
  public static void main(String[] args) throws Exception {
    INHERITABLE.set(new Object());
    new Residue().playAll();
    System.out.println("done");
    System.exit(0);
  }

  private void playAll() throws Exception {
    everyKind();
    long descriptors = descriptors();
    for (int i = 0; i < ROUNDS; i++) {
      everyKind();
    }
    play(
        "descriptorsAreGivenBack",
        () -> eventually(() -> descriptors() <= descriptors, "had " + descriptors));
    play("nothingOfAConnectionStays", this::nothingOfAConnectionStays);
    play("aWebApplicationIsLetGo", this::aWebApplicationIsLetGo);
    play("threadsAreFewAndOurOwn", this::threadsAreFewAndOurOwn);
  }

  private static void play(String name, Story story) {
    try {
      story.play();
      System.out.println(name + " ok");
    } catch (Throwable e) {
      System.out.println(name + " failed: " + e);
      e.printStackTrace();
    }
  }

  // ---- connections of every kind ----

  private void everyKind() throws Exception {
    bothClose();
    reset();
    silentPeer();
    notTls();
    nobodyListens();
    nonBlocking();
    halfClosed();
  }

  private void bothClose() throws Exception {
    try (ServerSocket listener = listen(loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      Future<?> writes =
          started(
              () -> {
                client.getOutputStream().write(new byte[50_000]);
                client.shutdownOutput();
                return null;
              });
      server.getInputStream().readAllBytes();
      writes.get();
    }
  }

  private void halfClosed() throws IOException {
    try (ServerSocket listener = listen(loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      server.shutdownOutput();
      client.getInputStream().read();
    }
  }

  private void reset() throws IOException {
    try (ServerSocket listener = listen(loopback)) {
      Socket client = new Socket(loopback, listener.getLocalPort());
      try (Socket server = listener.accept()) {
        client.getOutputStream().write(1);
        server.getInputStream().read();
        client.setOption(StandardSocketOptions.SO_LINGER, 0);
        client.close();
        try {
          server.getInputStream().read();
        } catch (IOException reset) {
          // as it should be
        }
      }
    }
  }

  /** Leaves in the middle of the handshake: its client is outside the mesh. */
  private void silentPeer() throws IOException {
    try (ServerSocket listener = listen(null)) {
      Socket client = new Socket("127.0.0.2", listener.getLocalPort());
      try (Socket server = listener.accept()) {
        server.getOutputStream().write(new byte[1000]);
        client.getOutputStream().write(new byte[] {22, 3, 1});
        client.close();
      }
    }
  }

  private void notTls() throws IOException {
    try (ServerSocket listener = listen(null);
        Socket client = new Socket("127.0.0.2", listener.getLocalPort());
        Socket server = listener.accept()) {
      client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
      try {
        if (server.getInputStream().read() >= 0) {
          throw new AssertionError("plaintext reached the application");
        }
      } catch (IOException refused) {
        // as it should be
      }
    }
  }

  private void nobodyListens() throws IOException {
    int port;
    try (ServerSocket listener = listen(loopback)) {
      port = listener.getLocalPort();
    }
    try (Socket client = new Socket(loopback, port)) {
      throw new AssertionError("connected to nobody: " + client);
    } catch (IOException refused) {
      // as it should be
    }
  }

  private void nonBlocking() throws IOException {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept();
        Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
      client.write(ByteBuffer.allocate(20_000));
      ByteBuffer target = ByteBuffer.allocate(1000);
      for (int n = 0; n < 20_000; ) {
        selector.select();
        selector.selectedKeys().clear();
        n += server.read(target.clear());
      }
      client.write(ByteBuffer.allocate(100)); // nobody reads that
    }
  }

  // ---- what stays ----

  private void nothingOfAConnectionStays() throws Exception {
    List<String> transients =
        List.of("MeshConnection", "TlsLink", "Dialing", "PlainConnection", "KernelIo", "Opening");
    eventually(
        () -> {
          Map<String, String> histogram = histogram();
          return transients.stream().noneMatch(name -> histogram.containsKey(name));
        },
        "instances of " + transients + " in " + histogram());
  }

  /** Live instances of the agent's wire layer by simple class name. */
  private static Map<String, String> histogram() throws Exception {
    String text =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, String> counts = new TreeMap<>();
    for (String line : text.split("\n")) {
      String[] columns = line.trim().split(" +");
      if (columns.length >= 4 && columns[3].startsWith("dev.weft.agent.wire.")) {
        counts.put(columns[3].substring("dev.weft.agent.wire.".length()), columns[1]);
      }
    }
    return counts;
  }

  private void aWebApplicationIsLetGo() throws Exception {
    List<WeakReference<ClassLoader>> gone = new ArrayList<>();
    for (int i = 0; i < RELOADS; i++) {
      gone.add(webApplication());
    }
    eventually(
        () -> {
          System.gc();
          return gone.stream().allMatch(loader -> loader.get() == null);
        },
        "its class loader is held");
  }

  /** A class loader of its own, whose classes use the network on a thread of theirs. */
  private WeakReference<ClassLoader> webApplication() throws Exception {
    WebAppLoader loader = new WebAppLoader();
    Callable<?> visit =
        (Callable<?>) loader.loadClass("app.Residue$Visit").getDeclaredConstructor().newInstance();
    List<Throwable> failure = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                visit.call();
              } catch (Throwable e) {
                failure.add(e);
              }
            });
    thread.setContextClassLoader(loader);
    thread.start();
    thread.join();
    if (!failure.isEmpty()) {
      throw new AssertionError(failure.get(0));
    }
    return new WeakReference<>(loader);
  }

  /** The web application. */
  public static final class Visit implements Callable<Object> {
    private static final ThreadLocal<Object> OWN = ThreadLocal.withInitial(Object::new);

    /** By reflection. */
    public Visit() {}

    @Override
    public Object call() throws Exception {
      OWN.get();
      Residue visitor = new Residue();
      visitor.everyKind();
      visitor.threads.shutdown();
      return null;
    }
  }

  private static final class WebAppLoader extends ClassLoader {
    WebAppLoader() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try (InputStream in =
          ClassLoader.getSystemResourceAsStream(name.replace('.', '/') + ".class")) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        in.transferTo(bytes);
        return defineClass(name, bytes.toByteArray(), 0, bytes.size());
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  private void threadsAreFewAndOurOwn() throws Exception {
    bothClose(); // the pool is awake now
    List<String> wire = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      ThreadGroup group = thread.getThreadGroup();
      if (group == null || !group.getName().equals("weft")) {
        expect(!thread.getName().startsWith("weft-"), thread + " is not of our group");
        continue;
      }
      all.add(thread.getName());
      if (thread.getName().startsWith("weft-wire")) {
        wire.add(thread.getName());
      }
      expect(thread.getName().startsWith("weft-"), "not named as ours: " + thread);
      expect(thread.isDaemon(), "not a daemon: " + thread);
      expect(isOurs(thread.getContextClassLoader()), "context class loader of " + thread);
      expect(hidden(thread, "inheritableThreadLocals") == null, "inherits: " + thread);
      Object context = hidden(thread, "inheritedAccessControlContext");
      expect(context == null || holdsNothing(context), "access control context of " + thread);
    }
    expect(wire.size() <= 3, "threads of the wire layer: " + wire);
    expect(all.size() <= 8, "threads: " + all);
  }

  private static boolean isOurs(ClassLoader loader) {
    return loader == null
        || loader.getClass().getName().equals("dev.weft.bootstrap.AgentClassLoader");
  }

  private static boolean holdsNothing(Object accessControlContext) throws Exception {
    return !java.util.Arrays.deepToString((Object[]) hidden(accessControlContext, "context"))
        .contains("AppClassLoader");
  }

  private static Object hidden(Object holder, String name) throws IllegalAccessException {
    Class<?> type = holder instanceof Thread ? Thread.class : holder.getClass();
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(holder);
    } catch (NoSuchFieldException e) {
      return null; // this JDK has no such thing any more
    }
  }

  // ---- tools ----

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void eventually(Condition condition, String otherwise) throws Exception {
    long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(otherwise);
      }
      Thread.sleep(50);
    }
  }

  private Future<?> started(Callable<?> work) {
    CountDownLatch running = new CountDownLatch(1);
    return threads.submit(
        () -> {
          running.countDown();
          return work.call();
        });
  }

  private static ServerSocket listen(InetAddress address) throws IOException {
    return new ServerSocket(0, 50, address);
  }

  private static long descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  private static int number(String variable, int otherwise) {
    String value = System.getenv(variable);
    return value == null ? otherwise : Integer.parseInt(value);
  }

  private static void expect(boolean held, String otherwise) {
    if (!held) {
      throw new AssertionError(otherwise);
    }
  }
}
