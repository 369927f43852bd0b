package app;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * A start as rough as that of an application server: at once, many threads load classes of the JDK,
 * load the same classes over the network under the lock of an old class loader, and use sockets.
 * Prints {@code done} when all of them are through.
 */
public final class Storm {
  private static final int THREADS = 6;
  private static final int CLASSES = 250;
  private static final int CONNECTIONS = 10;

  private final InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  private final CountDownLatch begin = new CountDownLatch(1);
  private final List<Future<?>> all = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private Storm() throws IOException {}

  /** Plays it. */
  public static void main(String[] args) throws Exception {
    new Storm().play();
    System.out.println("done");
    System.exit(0);
  }

  private void play() throws Exception {
    List<String> jdk = jdkClasses();
    try (ServerSocket classes = new ServerSocket(0, 50, loopback)) {
      threads.execute(() -> serveClasses(classes));
      OldLoader loader = new OldLoader(loopback, classes.getLocalPort());
      for (int i = 0; i < THREADS; i++) {
        int from = i;
        start(
            () -> {
              for (int c = 0; c < jdk.size(); c++) {
                Class.forName(jdk.get((c + from * 17) % jdk.size()), false, null);
              }
              return null;
            });
        start(this::useSockets);
        start(() -> loader.loadClass("app.Echo").getDeclaredMethods());
        start(() -> loader.loadClass("app.Sockets").getDeclaredMethods());
        start(() -> loader.loadClass("app.Probe").getDeclaredMethods());
      }
      begin.countDown();
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private void start(Callable<?> work) {
    all.add(
        threads.submit(
            () -> {
              begin.await();
              return work.call();
            }));
  }

  private Object useSockets() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 50, loopback)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        try (Socket client = new Socket(loopback, listener.getLocalPort());
            Socket server = listener.accept()) {
          client.getOutputStream().write(new byte[1000]);
          server.getInputStream().readNBytes(1000);
        }
      }
    }
    return null;
  }

  private static List<String> jdkClasses() throws IOException {
    Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
    try (Stream<Path> files = Files.walk(base.resolve("java/util"))) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .map(file -> base.relativize(file).toString())
          .map(path -> path.substring(0, path.length() - ".class".length()).replace('/', '.'))
          .limit(CLASSES)
          .toList();
    }
  }

  /** Sends the class file of each class that it is asked for. */
  private void serveClasses(ServerSocket listener) {
    try {
      while (true) {
        Socket socket = listener.accept();
        threads.execute(
            () -> {
              try (socket;
                  DataInputStream in = new DataInputStream(socket.getInputStream());
                  DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                  InputStream file = ClassLoader.getSystemResourceAsStream(in.readUTF())) {
                out.write(file.readAllBytes());
              } catch (IOException e) {
                e.printStackTrace();
              }
            });
      }
    } catch (IOException closed) {
      // the storm is over
    }
  }

  /** Not parallel capable: loads under its own monitor, and over the network. */
  private static final class OldLoader extends ClassLoader {
    private final InetAddress address;
    private final int port;

    OldLoader(InetAddress address, int port) {
      super(ClassLoader.getPlatformClassLoader());
      this.address = address;
      this.port = port;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try (Socket socket = new Socket(address, port)) {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeUTF(name.replace('.', '/') + ".class");
        byte[] bytes = socket.getInputStream().readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
