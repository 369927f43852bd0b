package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Handshakes and transfers on virtual threads, to be run with one carrier thread: none may be
 * pinned, and none may need a carrier that is free. Prints {@code <story> ok} or what went wrong.
 * {@code CONNECTIONS} is how many.
 */
public final class Pinning {
  private static final int CONNECTIONS =
      Integer.parseInt(System.getenv().getOrDefault("CONNECTIONS", "100"));
  private static final int SIZE = 200_000;

  private final InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});

  private Pinning() throws IOException {}

  /** Plays both stories. */
  public static void main(String[] args) throws Exception {
    List<RecordedEvent> pinned;
    try (Recording recording = new Recording()) {
      recording.enable("jdk.VirtualThreadPinned").withoutThreshold().withStackTrace();
      recording.start();
      Pinning stories = new Pinning();
      stories.onVirtualThreads();
      System.out.println("connections ok");
      stories.withoutACarrier();
      System.out.println("aBusyCarrierHoldsNoHandshakeUp ok");
      pinned = events(recording);
    }
    pinned.forEach(System.err::println);
    System.out.println("pinned " + (pinned.isEmpty() ? "ok" : pinned.size() + " times"));
    System.out.println("done");
  }

  private static List<RecordedEvent> events(Recording recording) throws IOException {
    Path file = Files.createTempFile("pinning", ".jfr");
    try {
      recording.stop();
      recording.dump(file);
      return RecordingFile.readAllEvents(file);
    } finally {
      Files.delete(file);
    }
  }

  private static ExecutorService virtual() throws ReflectiveOperationException {
    return (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }

  private void onVirtualThreads() throws Exception {
    ExecutorService threads = virtual();
    List<Future<?>> all = new ArrayList<>();
    try (ServerSocket listener = new ServerSocket(0, 200, loopback)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        all.add(threads.submit(() -> serve(listener)));
        all.add(threads.submit(() -> call(listener.getLocalPort())));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    }
    threads.shutdown();
  }

  private Object serve(ServerSocket listener) throws IOException {
    try (Socket server = listener.accept()) {
      server.getOutputStream().write(server.getInputStream().readNBytes(SIZE));
    }
    return null;
  }

  private Object call(int port) throws IOException {
    try (Socket client = new Socket(loopback, port)) {
      client.getOutputStream().write(new byte[SIZE]);
      int n = client.getInputStream().readNBytes(SIZE).length;
      if (n != SIZE) {
        throw new IOException("got " + n);
      }
    }
    return null;
  }

  /** The only carrier computes; a platform thread's connection needs none. */
  private void withoutACarrier() throws Exception {
    AtomicBoolean computes = new AtomicBoolean();
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService threads = virtual();
    Future<?> busy =
        threads.submit(
            () -> {
              computes.set(true);
              while (!enough.get()) {
                Thread.onSpinWait();
              }
            });
    ExecutorService platform = Executors.newFixedThreadPool(2);
    try (ServerSocket listener = new ServerSocket(0, 5, loopback)) {
      while (!computes.get()) {
        Thread.onSpinWait();
      }
      Future<?> serves = platform.submit(() -> serve(listener));
      platform.submit(() -> call(listener.getLocalPort())).get(60, TimeUnit.SECONDS);
      serves.get(60, TimeUnit.SECONDS);
    } finally {
      enough.set(true);
      platform.shutdown();
    }
    busy.get();
    threads.shutdown();
  }
}
