package app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What programs may expect of sockets, tried on both ends of connections to itself. Prints {@code
 * <story> ok} or what went wrong, for each; {@code THREADS=virtual} plays on virtual threads.
 */
public final class Sockets {
  private static final int LARGE = 3 << 20;
  private static final int PATIENCE_SECONDS = 20;

  private interface Story {
    void play() throws Exception;
  }

  private final InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  private final ExecutorService threads = Executors.newCachedThreadPool(factory());

  private Sockets() throws IOException {}

  /** Plays the named stories; none named: every one. */
  public static void main(String[] args) throws IOException {
    new Sockets().play(Set.of(args));
    System.out.println("done");
    System.exit(0);
  }

  private void play(Set<String> chosen) {
    Map<String, Story> stories = new LinkedHashMap<>();
    stories.put("oneThreadPlaysBothEnds", this::oneThreadPlaysBothEnds);
    stories.put("oneThreadPlaysBothChannels", this::oneThreadPlaysBothChannels);
    stories.put("bothEndsWriteMuchBeforeEitherReads", this::bothEndsWriteMuchBeforeEitherReads);
    stories.put("writtenBeforeACloseArrives", this::writtenBeforeACloseArrives);
    stories.put("aServerMaySpeakFirstAndLeave", this::aServerMaySpeakFirstAndLeave);
    stories.put("aHalfClosedConnectionAnswers", this::aHalfClosedConnectionAnswers);
    stories.put("anUnreadEndDestroysNoAnswer", this::anUnreadEndDestroysNoAnswer);
    stories.put("aReadTimesOutDuringTheHandshake", this::aReadTimesOutDuringTheHandshake);
    stories.put("anInterruptIsKept", this::anInterruptIsKept);
    stories.put("aReadTimesOutAfterTheHandshake", this::aReadTimesOutAfterTheHandshake);
    stories.put("aCloseWakesAReaderInTheHandshake", this::aCloseWakesAReaderInTheHandshake);
    stories.put("aCloseWakesAReaderAfterwards", this::aCloseWakesAReaderAfterwards);
    stories.put("aCloseWakesABlockedChannel", this::aCloseWakesABlockedChannel);
    stories.put("shutdownInputWakesAReader", this::shutdownInputWakesAReader);
    stories.put("aSilentPeerHoldsNobodyUp", this::aSilentPeerHoldsNobodyUp);
    stories.put("aSmallBufferHoldsNobodyUp", this::aSmallBufferHoldsNobodyUp);
    stories.put("aFileIsTransferredWhole", this::aFileIsTransferredWhole);
    stories.put("aSelectorSeesEveryByte", this::aSelectorSeesEveryByte);
    stories.put("aSelectReturnsForTheApplicationOnly", this::aSelectReturnsForTheApplicationOnly);
    stories.put("aKeyIsCountedOnce", this::aKeyIsCountedOnce);
    stories.put("aBlockingWriteIsNeverShort", this::aBlockingWriteIsNeverShort);
    stories.put("whoClosesAtOnceIsSeenToEnd", this::whoClosesAtOnceIsSeenToEnd);
    stories.put("whoClosesWhileReadingIsSeenToEnd", this::whoClosesWhileReadingIsSeenToEnd);
    stories.put("aResetIsSeenAsOne", this::aResetIsSeenAsOne);
    stories.put("theEndOfTheOutputFreesAWriter", this::theEndOfTheOutputFreesAWriter);
    stories.put("aDatagramSocketIsLeftAlone", this::aDatagramSocketIsLeftAlone);
    stories.put("aRegistrationHoldsNobodyUp", this::aRegistrationHoldsNobodyUp);
    stories.put("largeStreamsPassBothWaysAtOnce", this::largeStreamsPassBothWaysAtOnce);
    stories.put("availableCountsWhatCanBeRead", this::availableCountsWhatCanBeRead);
    stories.put("urgentDataNeverMeetsARecord", this::urgentDataNeverMeetsARecord);
    stories.put("aRefusedConnectIsRefused", this::aRefusedConnectIsRefused);
    stories.put("aConnectWaitsWithoutWork", this::aConnectWaitsWithoutWork);
    if (!chosen.isEmpty()) {
      stories.keySet().retainAll(chosen);
    }
    stories.forEach(this::play);
  }

  private void play(String name, Story story) {
    Future<?> run =
        threads.submit(
            () -> {
              story.play();
              return null;
            });
    try {
      run.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      System.out.println(name + " ok");
    } catch (TimeoutException e) {
      System.out.println(name + " hangs");
      Thread.getAllStackTraces()
          .forEach((thread, stack) -> System.err.println(thread + " " + Arrays.toString(stack)));
    } catch (Exception e) {
      System.out.println(name + " failed: " + e);
      e.printStackTrace();
    }
  }

  private void oneThreadPlaysBothEnds() throws IOException {
    try (ServerSocket listener = listen();
        Socket client = connect(listener)) {
      client.getOutputStream().write(bytes(10_000));
      try (Socket server = listener.accept()) {
        same(bytes(10_000), server.getInputStream().readNBytes(10_000));
        server.getOutputStream().write(bytes(20_000));
        same(bytes(20_000), client.getInputStream().readNBytes(20_000));
      }
      expect(client.getInputStream().read() == -1, "no end of the stream");
    }
  }

  private void oneThreadPlaysBothChannels() throws IOException {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress())) {
      client.write(new ByteBuffer[] {ByteBuffer.wrap(bytes(100)), ByteBuffer.wrap(bytes(50))});
      try (SocketChannel server = listener.accept()) {
        ByteBuffer target = ByteBuffer.allocate(150);
        while (target.hasRemaining() && server.read(target) >= 0) {
          // until all is there
        }
        same(bytes(100), Arrays.copyOf(target.array(), 100));
        same(bytes(50), Arrays.copyOfRange(target.array(), 100, 150));
      }
    }
  }

  /** With buffers so small that the handshake ends before all of it has found room. */
  private void bothEndsWriteMuchBeforeEitherReads() throws Exception {
    try (ServerSocket listener = new ServerSocket()) {
      listener.setReceiveBufferSize(2_048);
      listener.bind(new InetSocketAddress(loopback, 0));
      try (Socket client = new Socket()) {
        client.setReceiveBufferSize(2_048);
        client.setSendBufferSize(2_048);
        client.connect(listener.getLocalSocketAddress());
        Future<?> one = started(() -> writeAndEnd(client, 60_000));
        try (Socket server = listener.accept()) {
          server.setSendBufferSize(2_048);
          Future<?> other = started(() -> writeAndEnd(server, 60_000));
          Future<byte[]> read = started(() -> client.getInputStream().readAllBytes());
          same(bytes(60_000), server.getInputStream().readAllBytes());
          same(bytes(60_000), read.get());
          one.get();
          other.get();
        }
      }
    }
  }

  private static Void writeAndEnd(Socket socket, int count) throws IOException {
    socket.getOutputStream().write(bytes(count));
    socket.shutdownOutput();
    return null;
  }

  private void writtenBeforeACloseArrives() throws IOException {
    try (ServerSocket listener = listen()) {
      for (int i = 0; i < 50; i++) {
        try (Socket client = connect(listener)) {
          client.getOutputStream().write(bytes(1_000 * i + 1));
        }
        try (Socket server = listener.accept()) {
          same(bytes(1_000 * i + 1), server.getInputStream().readAllBytes());
        }
      }
    }
  }

  private void aServerMaySpeakFirstAndLeave() throws IOException {
    try (ServerSocket listener = listen()) {
      for (int i = 0; i < 20; i++) {
        try (Socket client = connect(listener)) {
          try (Socket server = listener.accept()) {
            server.getOutputStream().write(bytes(5_000));
          }
          same(bytes(5_000), client.getInputStream().readAllBytes());
        }
      }
    }
  }

  private void aHalfClosedConnectionAnswers() throws Exception {
    try (ServerSocket listener = listen();
        Socket client = connect(listener)) {
      Future<?> echo =
          started(
              () -> {
                try (Socket server = listener.accept()) {
                  byte[] all = server.getInputStream().readAllBytes();
                  server.getOutputStream().write(all);
                }
                return null;
              });
      client.getOutputStream().write(bytes(60_000));
      client.shutdownOutput();
      same(bytes(60_000), client.getInputStream().readAllBytes());
      echo.get();
    }
  }

  /** The server reads no more than the request, as HTTP servers do; the end lies behind it. */
  private void anUnreadEndDestroysNoAnswer() throws Exception {
    for (int i = 0; i < 10; i++) {
      try (ServerSocket listener = listen();
          Socket client = connect(listener)) {
        client.getOutputStream().write(bytes(10));
        Future<?> answers =
            started(
                () -> {
                  try (Socket server = listener.accept()) {
                    server.getInputStream().readNBytes(10);
                    server.getOutputStream().write(bytes(LARGE));
                  }
                  return null;
                });
        InputStream in = client.getInputStream();
        byte[] first = in.readNBytes(1);
        client.shutdownOutput();
        byte[] rest = in.readAllBytes();
        expect(first.length + rest.length == LARGE, "got " + rest.length);
        answers.get();
      }
    }
  }

  private void aReadTimesOutDuringTheHandshake() throws IOException {
    try (ServerSocket listener = listenEverywhere();
        Socket silent = plain(listener);
        Socket server = listener.accept()) {
      server.setSoTimeout(300);
      timesOut(server);
      timesOut(server);
      expect(silent.isConnected(), "not connected");
    }
  }

  /** A socket's reader on a platform thread goes on, and finds it later. */
  private void anInterruptIsKept() throws Exception {
    try (ServerSocket listener = listenEverywhere();
        Socket silent = plain(listener);
        Socket server = listener.accept()) {
      server.setSoTimeout(300);
      Future<Boolean> reader =
          started(
              () -> {
                Thread.currentThread().interrupt();
                try {
                  timesOut(server);
                } catch (SocketException e) {
                  return "Closed by interrupt".equals(e.getMessage()) && virtual();
                }
                return Thread.interrupted() && !virtual();
              });
      expect(reader.get() && silent.isConnected(), "the interrupt is lost");
    }
  }

  private void aReadTimesOutAfterTheHandshake() throws IOException {
    try (ServerSocket listener = listen();
        Socket client = connect(listener);
        Socket server = listener.accept()) {
      client.getOutputStream().write(bytes(3));
      same(bytes(3), server.getInputStream().readNBytes(3));
      server.setSoTimeout(300);
      timesOut(server);
      client.getOutputStream().write(bytes(5));
      same(bytes(5), server.getInputStream().readNBytes(5));
    }
  }

  private void aCloseWakesAReaderInTheHandshake() throws Exception {
    try (ServerSocket listener = listenEverywhere();
        Socket silent = plain(listener)) {
      Socket server = listener.accept();
      expect(closedWhileReading(server), "the reader was not told");
      expect(silent.isConnected(), "not connected");
    }
  }

  private void aCloseWakesAReaderAfterwards() throws Exception {
    try (ServerSocket listener = listen();
        Socket client = connect(listener)) {
      Socket server = listener.accept();
      client.getOutputStream().write(bytes(3));
      same(bytes(3), server.getInputStream().readNBytes(3));
      expect(closedWhileReading(server), "the reader was not told");
      expect(client.getInputStream().read() == -1, "no end of the stream");
    }
  }

  private boolean closedWhileReading(Socket socket) throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    Future<Boolean> reader =
        started(
            () -> {
              reads.countDown();
              try {
                socket.getInputStream().read();
                return false;
              } catch (SocketException e) {
                return "Socket closed".equals(e.getMessage())
                    || "Closed by interrupt".equals(e.getMessage());
              }
            });
    reads.await();
    Thread.sleep(200); // until it is likely to wait; if it does not yet, the story is easier
    socket.close();
    return reader.get(5, TimeUnit.SECONDS); // at once, not at the end of somebody's patience
  }

  private void aCloseWakesABlockedChannel() throws Exception {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept()) {
      Future<Boolean> reader =
          started(
              () -> {
                try {
                  server.read(ByteBuffer.allocate(1));
                  return false;
                } catch (AsynchronousCloseException e) {
                  return true;
                }
              });
      Thread.sleep(200);
      server.close();
      expect(reader.get(), "the reader was not told");
      expect(client.read(ByteBuffer.allocate(1)) == -1, "no end of the stream");
    }
  }

  private void shutdownInputWakesAReader() throws Exception {
    try (ServerSocket listener = listenEverywhere();
        Socket silent = plain(listener);
        Socket server = listener.accept()) {
      Future<Integer> reader = started(() -> server.getInputStream().read());
      Thread.sleep(200);
      server.shutdownInput();
      expect(reader.get() == -1, "no end of the stream");
      expect(silent.isConnected(), "not connected");
    }
  }

  private void aSilentPeerHoldsNobodyUp() throws IOException {
    Socket[] silent = new Socket[40];
    try (ServerSocket listener = listenEverywhere()) {
      for (int i = 0; i < silent.length; i++) {
        silent[i] = plain(listener);
        listener.accept();
      }
      long start = System.nanoTime();
      try (Socket client = connect(listener);
          Socket server = listener.accept()) {
        client.getOutputStream().write(7);
        expect(server.getInputStream().read() == 7, "another byte");
      }
      long millis = (System.nanoTime() - start) / 1_000_000;
      expect(millis < 5_000, "held up for " + millis + " ms");
    }
    for (Socket each : silent) {
      each.close();
    }
  }

  /** Clients with the smallest buffers write much to servers that do not read. */
  private void aSmallBufferHoldsNobodyUp() throws IOException {
    Socket[] clients = new Socket[8];
    try (ServerSocket listener = new ServerSocket()) {
      listener.setReceiveBufferSize(2_048);
      listener.bind(new InetSocketAddress(loopback, 0));
      for (int i = 0; i < clients.length; i++) {
        clients[i] = new Socket();
        clients[i].setSendBufferSize(2_048);
        clients[i].connect(listener.getLocalSocketAddress());
        Socket client = clients[i];
        started(() -> writeAndEnd(client, 60_000)); // waits for ever, outside a mesh
        listener.accept();
      }
    }
    long start = System.nanoTime();
    try (ServerSocket listener = listen();
        Socket client = connect(listener);
        Socket server = listener.accept()) {
      client.getOutputStream().write(7);
      expect(server.getInputStream().read() == 7, "another byte");
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    expect(millis < 5_000, "held up for " + millis + " ms");
    for (Socket each : clients) {
      each.close();
    }
  }

  private void aFileIsTransferredWhole() throws Exception {
    Path file = Files.createTempFile("transfer", ".bin");
    Files.write(file, bytes(LARGE));
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept()) {
      Future<byte[]> got = started(() -> server.socket().getInputStream().readAllBytes());
      try (FileChannel from = FileChannel.open(file)) {
        for (long at = 0; at < LARGE; ) {
          at += from.transferTo(at, LARGE - at, client);
        }
      }
      client.shutdownOutput();
      same(bytes(LARGE), got.get());
    } finally {
      Files.delete(file);
    }
  }

  /** One byte per select, as level-triggered readers may. */
  private void aSelectorSeesEveryByte() throws Exception {
    try (Selector selector = Selector.open();
        ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
      client.write(ByteBuffer.wrap(bytes(500)));
      client.write(ByteBuffer.wrap(bytes(500)));
      int got = 0;
      ByteBuffer one = ByteBuffer.allocate(1);
      while (got < 1_000) {
        expect(selector.select(10_000) == 1, "nobody tells of byte " + got);
        selector.selectedKeys().clear();
        if (server.read(one.clear()) > 0) {
          expect(one.get(0) == bytes(500)[got % 500], "another byte at " + got);
          got++;
        }
      }
      expect(selector.selectNow() == 0, "told of a byte too many");
      client.close();
      expect(selector.select(10_000) == 1 && server.read(one.clear()) == -1, "no end");
    }
  }

  /** No select returns without a key, although the handshake ends while it waits. */
  private void aSelectReturnsForTheApplicationOnly() throws Exception {
    for (int i = 0; i < 10; i++) {
      try (Selector selector = Selector.open();
          ServerSocketChannel listener =
              ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
          SocketChannel client = SocketChannel.open(listener.getLocalAddress());
          SocketChannel server = listener.accept()) {
        server.configureBlocking(false);
        SelectionKey key = server.register(selector, SelectionKey.OP_READ);
        Future<Integer> selected = started(selector::select);
        Thread.sleep(i * 20L); // from before until after the handshake
        client.write(ByteBuffer.wrap(bytes(10)));
        expect(selected.get() == 1 && key.isReadable(), "selected " + selected.get());

        selector.selectedKeys().clear();
        expect(server.read(ByteBuffer.allocate(10)) == 10, "nothing to read");
        Future<Integer> woken = started(selector::select);
        selector.wakeup();
        expect(woken.get() == 0, "woken with " + woken.get());
      }
    }
  }

  private void aKeyIsCountedOnce() throws IOException {
    try (Selector selector = Selector.open();
        ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept()) {
      client.write(ByteBuffer.wrap(bytes(10)));
      server.read(ByteBuffer.allocate(1)); // nine bytes of the record stay with us
      server.configureBlocking(false);
      SelectionKey key = server.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      int updated = selector.select();
      expect(updated == 1, "updated " + updated);
      expect(key.isReadable() && key.isWritable(), "ready for " + key.readyOps());
      expect(selector.select() == 0, "updated again");
      selector.selectedKeys().clear();
      int[] told = new int[1];
      selector.select(each -> told[0]++);
      expect(told[0] == 1, "told " + told[0]);
    }
  }

  private void aBlockingWriteIsNeverShort() throws Exception {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept()) {
      Future<byte[]> got = started(() -> server.socket().getInputStream().readNBytes(300_000));
      int n = client.write(ByteBuffer.wrap(bytes(300_000)));
      // A virtual thread's channel is a non-blocking one below, with or without a mesh.
      expect(n == 300_000 || virtual(), "short write of " + n);
      ByteBuffer rest = ByteBuffer.wrap(bytes(300_000)).position(n);
      while (rest.hasRemaining()) {
        client.write(rest);
      }
      same(bytes(300_000), got.get());
    }
  }

  private void whoClosesAtOnceIsSeenToEnd() throws IOException {
    try (ServerSocket listener = listen()) {
      for (int i = 0; i < 20; i++) {
        Socket client = connect(listener);
        try (Socket server = listener.accept()) {
          client.close();
          expect(server.getInputStream().read() == -1, "no end of the client's stream");
        }
        try (Socket other = connect(listener)) {
          listener.accept().close();
          expect(other.getInputStream().read() == -1, "no end of the server's stream");
        }
      }
    }
  }

  private void whoClosesWhileReadingIsSeenToEnd() throws Exception {
    try (ServerSocket listener = listen()) {
      for (int i = 0; i < 5; i++) {
        Socket client = connect(listener);
        try (Socket server = listener.accept()) {
          Future<Integer> end = started(() -> server.getInputStream().read());
          expect(closedWhileReading(client), "the reader was not told");
          expect(end.get() == -1, "no end of the stream");
        }
      }
    }
  }

  /** Before the handshake is done, and afterwards: what was sent arrives, then the reset. */
  private void aResetIsSeenAsOne() throws Exception {
    for (int sent : new int[] {0, 3}) {
      for (boolean settled : new boolean[] {false, true}) {
        try (ServerSocket listener = listen();
            Socket client = connect(listener)) {
          Socket server = listener.accept();
          if (settled) {
            client.getOutputStream().write(1);
            server.getInputStream().read();
          }
          server.getOutputStream().write(bytes(sent));
          server.setSoLinger(true, 0);
          server.close();
          same(bytes(sent), client.getInputStream().readNBytes(sent));
          try {
            int end = client.getInputStream().read();
            throw new IllegalStateException("no reset, but " + end + " after " + sent + settled);
          } catch (SocketException e) {
            expect(e.getMessage().contains("Connection reset"), e.getMessage());
          }
        }
      }
    }
  }

  private void theEndOfTheOutputFreesAWriter() throws Exception {
    for (int timeout : new int[] {0, 1}) { // a time limit makes the descriptor a non-blocking one
      try (ServerSocket listener = listen();
          Socket client = connect(listener);
          Socket server = listener.accept()) {
        client.setSoTimeout(timeout);
        if (timeout > 0) {
          timesOut(client);
        }
        Future<Boolean> writer =
            started(
                () -> {
                  try {
                    while (true) {
                      client.getOutputStream().write(new byte[100_000]);
                    }
                  } catch (SocketException e) {
                    return true;
                  }
                });
        Thread.sleep(500); // until it is likely to wait; if it does not yet, the story is easier
        client.shutdownOutput();
        expect(writer.get() && server.isConnected(), "still writing");
      }
    }
  }

  @SuppressWarnings("deprecation")
  private void aDatagramSocketIsLeftAlone() throws IOException {
    try (java.net.DatagramSocket receiver = new java.net.DatagramSocket(0, loopback);
        Socket sender = new Socket(loopback, receiver.getLocalPort(), false)) {
      sender.getOutputStream().write(bytes(7));
      java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[100], 100);
      receiver.receive(packet);
      same(bytes(7), Arrays.copyOf(packet.getData(), packet.getLength()));
    } catch (IllegalArgumentException e) {
      expect(Runtime.version().feature() > 17, e.toString()); // gone since
    }
  }

  /**
   * A thread that registers a channel holds the lock of the channel's keys. Whoever waits for that
   * lock inside a selector, or on the way to one, may wait for ever.
   */
  private void aRegistrationHoldsNobodyUp() throws Exception {
    for (boolean settled : new boolean[] {false, true}) {
      try (Selector selector = Selector.open();
          SlowSelector slow = new SlowSelector();
          ServerSocketChannel listener =
              ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
          SocketChannel client = SocketChannel.open(listener.getLocalAddress())) {
        SocketChannel accepted = settled ? listener.accept() : null;
        if (settled) {
          client.write(ByteBuffer.wrap(bytes(1)));
          accepted.read(ByteBuffer.allocate(1));
        }
        client.configureBlocking(false);
        SelectionKey key = client.register(selector, SelectionKey.OP_READ);
        selector.selectNow();
        Future<?> registration = started(() -> client.register(slow, SelectionKey.OP_READ));
        slow.begun.await();
        Future<byte[]> read = started(() -> readOneByOne(selector, key, 3));
        SocketChannel server = settled ? accepted : listener.accept();
        server.write(ByteBuffer.wrap(bytes(3)));
        same(bytes(3), read.get(PATIENCE_SECONDS / 2, TimeUnit.SECONDS));
        slow.release.countDown();
        try {
          registration.get();
        } catch (ExecutionException e) {
          expect(e.getCause() instanceof UnsupportedOperationException, e.toString());
        }
        server.close();
      }
    }
  }

  private static byte[] readOneByOne(Selector selector, SelectionKey key, int count)
      throws IOException {
    byte[] all = new byte[count];
    for (int i = 0; i < count; ) {
      key.interestOps(SelectionKey.OP_READ); // so that the selector asks for the events anew
      selector.select();
      selector.selectedKeys().clear();
      i += Math.max(0, ((SocketChannel) key.channel()).read(ByteBuffer.wrap(all, i, 1)));
    }
    return all;
  }

  /** Registers nothing, and takes its time. */
  private static final class SlowSelector extends AbstractSelector {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    SlowSelector() {
      super(SelectorProvider.provider());
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object att) {
      begun.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseSelector() {
      release.countDown();
    }

    @Override
    public Set<SelectionKey> keys() {
      return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
      return Set.of();
    }

    @Override
    public int selectNow() {
      return 0;
    }

    @Override
    public int select(long timeout) {
      return 0;
    }

    @Override
    public int select() {
      return 0;
    }

    @Override
    public Selector wakeup() {
      return this;
    }
  }

  private void largeStreamsPassBothWaysAtOnce() throws Exception {
    try (ServerSocket listener = listen();
        Socket client = connect(listener)) {
      client.setSendBufferSize(32_768);
      Future<Socket> accepted = started(listener::accept);
      Future<?> one = started(() -> write(client));
      try (Socket server = accepted.get()) {
        Future<?> other = started(() -> write(server));
        Future<byte[]> read = started(() -> client.getInputStream().readNBytes(LARGE));
        same(bytes(LARGE), server.getInputStream().readNBytes(LARGE));
        same(bytes(LARGE), read.get());
        one.get();
        other.get();
      }
    }
  }

  private static Void write(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    byte[] all = bytes(LARGE);
    for (int at = 0; at < all.length; at += 100_000) {
      out.write(all, at, Math.min(100_000, all.length - at));
    }
    return null;
  }

  private void availableCountsWhatCanBeRead() throws Exception {
    try (ServerSocket listener = listen();
        Socket client = connect(listener);
        Socket server = listener.accept()) {
      expect(server.getInputStream().available() == 0, "something before anything was sent");
      client.getOutputStream().write(bytes(300));
      while (server.getInputStream().available() < 300) {
        Thread.onSpinWait();
      }
      int available = server.getInputStream().available();
      expect(available == 300, available + " bytes");
      same(bytes(300), server.getInputStream().readNBytes(300));
      expect(server.getInputStream().available() == 0, "something is left");
    }
  }

  /** It goes past the stream, so a mesh must refuse it. */
  private void urgentDataNeverMeetsARecord() throws Exception {
    try (ServerSocket listener = listen();
        Socket client = connect(listener);
        Socket server = listener.accept()) {
      for (int i = 0; i < 3; i++) {
        client.getOutputStream().write(bytes(100));
        try {
          client.sendUrgentData(7);
          throw new IllegalStateException("sent");
        } catch (SocketException e) {
          expect(e.getMessage().contains("urgent data is not supported"), e.getMessage());
        }
        same(bytes(100), server.getInputStream().readNBytes(100));
      }
    }
  }

  private void aRefusedConnectIsRefused() throws IOException {
    int port;
    try (ServerSocket listener = listen()) {
      port = listener.getLocalPort();
    }
    try (Socket client = new Socket()) {
      client.connect(new InetSocketAddress(loopback, port), 5_000);
      throw new IOException("connected to a closed port");
    } catch (java.net.ConnectException e) {
      expect(e.getMessage().contains("refused"), e.getMessage());
    }
    try (Selector selector = Selector.open();
        SocketChannel client = SocketChannel.open()) {
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_CONNECT);
      if (!client.connect(new InetSocketAddress(loopback, port))) {
        selector.select();
        client.finishConnect();
      }
      throw new IOException("connected to a closed port");
    } catch (java.net.ConnectException e) {
      expect(e.getMessage().contains("refused"), e.getMessage());
    }
  }

  /** A listener whose queue is full answers no more. */
  private void aConnectWaitsWithoutWork() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, loopback)) {
      Socket[] fill = new Socket[4];
      long cpu = cpu();
      for (int i = 0; i < fill.length; i++) {
        fill[i] = new Socket();
        try {
          fill[i].connect(listener.getLocalSocketAddress(), 1_000);
        } catch (SocketTimeoutException full) {
          // as intended
        }
      }
      long used = (cpu() - cpu) / 1_000_000;
      expect(used < 700, "waiting took " + used + " ms of the processor");
      for (Socket each : fill) {
        each.close();
      }
    }
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void timesOut(Socket socket) throws IOException {
    try {
      socket.getInputStream().read();
      throw new IOException("read something");
    } catch (SocketTimeoutException e) {
      // as intended
    }
  }

  private ServerSocket listen() throws IOException {
    return new ServerSocket(0, 100, loopback);
  }

  private static ServerSocket listenEverywhere() throws IOException {
    return new ServerSocket(0, 100);
  }

  private Socket connect(ServerSocket listener) throws IOException {
    return new Socket(loopback, listener.getLocalPort());
  }

  /** A client that the mesh does not touch: 127.0.0.2 is no network of it. It stays silent. */
  private Socket plain(ServerSocket listener) throws IOException {
    InetAddress outside = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    return new Socket(outside, listener.getLocalPort());
  }

  private <T> Future<T> started(Callable<T> work) {
    return threads.submit(work);
  }

  private static void same(byte[] expected, byte[] found) throws IOException {
    int differs = Arrays.mismatch(expected, found);
    expect(differs < 0, "differs at " + differs + ", " + found.length + " of " + expected.length);
  }

  private static void expect(boolean held, String otherwise) throws IOException {
    if (!held) {
      throw new IOException(otherwise);
    }
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private static boolean virtual() {
    return "virtual".equals(System.getenv("THREADS"));
  }

  private static ThreadFactory factory() {
    if (!virtual()) {
      return Executors.defaultThreadFactory();
    }
    try {
      // Compiled for 17, where there are none.
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (ThreadFactory)
          Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
