package app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What programs may expect of asynchronous channels, tried on both ends of connections to itself.
 * Prints {@code <story> ok} or what went wrong, for each. {@code OUTSIDER} is the port of a server
 * of 127.0.0.1 that is not in the mesh; without it, the stories about refusals are left out.
 */
public final class AsynchronousSockets {
  private static final int LARGE = 3 << 20;
  private static final int PATIENCE_SECONDS = 20;

  private interface Story {
    void play() throws Exception;
  }

  /** Completes a future. */
  private static final class Done<T> extends CompletableFuture<T>
      implements CompletionHandler<T, Object> {
    private volatile Thread thread;

    @Override
    public void completed(T result, Object attachment) {
      thread = Thread.currentThread();
      complete(result);
    }

    @Override
    public void failed(Throwable e, Object attachment) {
      thread = Thread.currentThread();
      completeExceptionally(e);
    }
  }

  private final InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private AsynchronousSockets() throws IOException {}

  /** Plays the named stories; none named: every one. */
  public static void main(String[] args) throws IOException {
    new AsynchronousSockets().play(Set.of(args));
    System.out.println("done");
    System.exit(0);
  }

  private void play(Set<String> chosen) {
    Map<String, Story> stories = new LinkedHashMap<>();
    stories.put("oneThreadPlaysBothEnds", this::oneThreadPlaysBothEnds);
    stories.put("handlersEchoInBulk", this::handlersEchoInBulk);
    stories.put("aReaderOfSingleBytesSeesAll", this::aReaderOfSingleBytesSeesAll);
    stories.put("bytesAreScatteredAndGathered", this::bytesAreScatteredAndGathered);
    stories.put("writtenBeforeACloseArrives", this::writtenBeforeACloseArrives);
    stories.put("aServerMaySpeakFirstAndLeave", this::aServerMaySpeakFirstAndLeave);
    stories.put("aHalfClosedConnectionAnswers", this::aHalfClosedConnectionAnswers);
    stories.put("shutdownInputEndsAPendingRead", this::shutdownInputEndsAPendingRead);
    stories.put("aReadTimesOutDuringTheHandshake", this::aReadTimesOutDuringTheHandshake);
    stories.put("aReadTimesOutAfterwards", this::aReadTimesOutAfterwards);
    stories.put("aWriteTimesOut", this::aWriteTimesOut);
    stories.put("aCancelledReadEndsReading", this::aCancelledReadEndsReading);
    stories.put("aCloseFailsPendingOperations", this::aCloseFailsPendingOperations);
    stories.put("aCloseFailsAReadInTheHandshake", this::aCloseFailsAReadInTheHandshake);
    stories.put("anAcceptPendsUntilTheClose", this::anAcceptPendsUntilTheClose);
    stories.put("aRefusedConnectIsRefused", this::aRefusedConnectIsRefused);
    stories.put("handlersRunInTheirGroup", this::handlersRunInTheirGroup);
    stories.put("everyKindOfGroupServes", this::everyKindOfGroupServes);
    stories.put("aBusyGroupCompletesFutures", this::aBusyGroupCompletesFutures);
    stories.put("aReadBegunElsewhereSeesTheRest", this::aReadBegunElsewhereSeesTheRest);
    stories.put("aGroupEndsWithItsChannels", this::aGroupEndsWithItsChannels);
    stories.put("aBlockingPeerIsServed", this::aBlockingPeerIsServed);
    stories.put("aSelectingPeerIsServed", this::aSelectingPeerIsServed);
    stories.put("manyConnectionsAtOnce", this::manyConnectionsAtOnce);
    stories.put("waitingTakesNoWork", this::waitingTakesNoWork);
    if (System.getenv("OUTSIDER") != null) {
      stories.put("anOutsiderIsRefusedByName", this::anOutsiderIsRefusedByName);
      stories.put("aPlaintextPeerIsRefusedByRule", this::aPlaintextPeerIsRefusedByRule);
    }
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

  private void oneThreadPlaysBothEnds() throws Exception {
    try (Pair pair = new Pair(null)) {
      writeAll(pair.client, bytes(10_000));
      same(bytes(10_000), readExactly(pair.server, 10_000));
      writeAll(pair.server, bytes(20_000));
      same(bytes(20_000), readExactly(pair.client, 20_000));
      pair.server.close();
      expect(pair.client.read(ByteBuffer.allocate(1)).get() == -1, "no end of the stream");
    }
  }

  /** The server's handler writes while its next read is pending. */
  private void handlersEchoInBulk() throws Exception {
    try (Pair pair = new Pair(null)) {
      CompletableFuture<Void> echoed = echo(pair.server, 10_000);
      Future<byte[]> answer = started(() -> readExactly(pair.client, LARGE));
      writeAll(pair.client, bytes(LARGE));
      pair.client.shutdownOutput();
      same(bytes(LARGE), answer.get());
      echoed.get();
    }
  }

  private void aReaderOfSingleBytesSeesAll() throws Exception {
    for (boolean handlers : new boolean[] {false, true}) {
      try (Pair pair = new Pair(null)) {
        writeAll(pair.client, bytes(700));
        writeAll(pair.client, bytes(300));
        pair.client.close();
        ByteBuffer all = ByteBuffer.allocate(1_000);
        ByteBuffer one = ByteBuffer.allocate(1);
        while (read(pair.server, one.clear(), handlers) > 0) {
          all.put(one.flip());
        }
        same(bytes(700), Arrays.copyOf(all.array(), 700));
        same(bytes(300), Arrays.copyOfRange(all.array(), 700, 1_000));
      }
    }
  }

  private static int read(AsynchronousSocketChannel channel, ByteBuffer target, boolean handler)
      throws Exception {
    if (!handler) {
      return channel.read(target).get();
    }
    Done<Integer> done = new Done<>();
    channel.read(target, null, done);
    return done.get();
  }

  private void bytesAreScatteredAndGathered() throws Exception {
    try (Pair pair = new Pair(null)) {
      ByteBuffer[] sources = {
        ByteBuffer.wrap(bytes(100)), ByteBuffer.wrap(bytes(0)), ByteBuffer.wrap(bytes(50))
      };
      while (sources[2].hasRemaining()) {
        Done<Long> written = new Done<>();
        pair.client.write(sources, 0, 3, 0, TimeUnit.SECONDS, null, written);
        written.get();
      }
      ByteBuffer[] targets = {ByteBuffer.allocate(30), ByteBuffer.allocate(120)};
      while (targets[1].hasRemaining()) {
        Done<Long> got = new Done<>();
        pair.server.read(targets, 0, 2, 0, TimeUnit.SECONDS, null, got);
        got.get();
      }
      ByteBuffer all = ByteBuffer.allocate(150).put(targets[0].flip()).put(targets[1].flip());
      same(bytes(100), Arrays.copyOf(all.array(), 100));
      same(bytes(50), Arrays.copyOfRange(all.array(), 100, 150));
    }
  }

  private void writtenBeforeACloseArrives() throws Exception {
    try (AsynchronousServerSocketChannel listener = listen(null)) {
      for (int i = 0; i < 30; i++) {
        try (AsynchronousSocketChannel client = connect(listener, null)) {
          writeAll(client, bytes(1_000 * i + 1));
        }
        try (AsynchronousSocketChannel server = listener.accept().get()) {
          same(bytes(1_000 * i + 1), readToEnd(server));
        }
      }
    }
  }

  private void aServerMaySpeakFirstAndLeave() throws Exception {
    try (AsynchronousServerSocketChannel listener = listen(null)) {
      for (int i = 0; i < 20; i++) {
        try (AsynchronousSocketChannel client = connect(listener, null)) {
          try (AsynchronousSocketChannel server = listener.accept().get()) {
            writeAll(server, bytes(5_000));
          }
          same(bytes(5_000), readToEnd(client));
        }
      }
    }
  }

  private void aHalfClosedConnectionAnswers() throws Exception {
    try (Pair pair = new Pair(null)) {
      Future<byte[]> all = started(() -> readToEnd(pair.server));
      writeAll(pair.client, bytes(60_000));
      pair.client.shutdownOutput();
      same(bytes(60_000), all.get());
      writeAll(pair.server, bytes(60_000));
      pair.server.shutdownOutput();
      same(bytes(60_000), readToEnd(pair.client));
    }
  }

  private void shutdownInputEndsAPendingRead() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(0));
        Socket silent = plain(listener);
        AsynchronousSocketChannel server = listener.accept().get()) {
      Future<Integer> read = server.read(ByteBuffer.allocate(1));
      server.shutdownInput();
      expect(read.get() == -1, "no end of the stream in the handshake");
      expect(silent.isConnected(), "not connected");
    }
    try (Pair pair = established(null)) {
      Future<Integer> read = pair.client.read(ByteBuffer.allocate(1));
      pair.client.shutdownInput();
      expect(read.get() == -1, "no end of the stream");
      writeAll(pair.client, bytes(10));
      same(bytes(10), readExactly(pair.server, 10));
    }
  }

  private void aReadTimesOutDuringTheHandshake() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(0));
        Socket silent = plain(listener);
        AsynchronousSocketChannel server = listener.accept().get()) {
      timesOut(server);
      expect(silent.isConnected(), "not connected");
    }
  }

  private void aReadTimesOutAfterwards() throws Exception {
    try (Pair pair = established(null)) {
      Done<Integer> inTime = new Done<>();
      pair.server.read(ByteBuffer.allocate(3), 30, TimeUnit.SECONDS, null, inTime);
      writeAll(pair.client, bytes(3));
      expect(inTime.get() == 3, "not three bytes");
      timesOut(pair.server);
      writeAll(pair.server, bytes(5)); // the other direction still works
      same(bytes(5), readExactly(pair.client, 5));
    }
  }

  private static void timesOut(AsynchronousSocketChannel channel) throws Exception {
    Done<Integer> read = new Done<>();
    channel.read(ByteBuffer.allocate(1), 200, TimeUnit.MILLISECONDS, null, read);
    expect(failure(read) instanceof InterruptedByTimeoutException, "no timeout");
    try {
      channel.read(ByteBuffer.allocate(1));
      throw new IOException("reads after a timeout");
    } catch (IllegalStateException e) {
      // as documented
    }
  }

  private void aWriteTimesOut() throws Exception {
    try (Pair pair = established(null)) {
      ByteBuffer much = ByteBuffer.allocate(LARGE);
      while (true) {
        Done<Integer> written = new Done<>();
        pair.client.write(much.clear(), 200, TimeUnit.MILLISECONDS, null, written);
        Throwable failure = failure(written);
        if (failure != null) {
          expect(failure instanceof InterruptedByTimeoutException, failure.toString());
          break;
        }
      }
      writeAll(pair.server, bytes(5));
      same(bytes(5), readExactly(pair.client, 5));
    }
  }

  private void aCancelledReadEndsReading() throws Exception {
    try (Pair pair = established(null)) {
      Future<Integer> read = pair.client.read(ByteBuffer.allocate(1));
      expect(read.cancel(false), "not cancelled");
      writeAll(pair.client, bytes(4));
      same(bytes(4), readExactly(pair.server, 4));
      try {
        pair.client.read(ByteBuffer.allocate(1));
        throw new IOException("reads after a cancel");
      } catch (IllegalStateException e) {
        // as documented
      }
    }
  }

  private void aCloseFailsPendingOperations() throws Exception {
    try (Pair pair = established(null)) {
      Done<Integer> read = new Done<>();
      pair.client.read(ByteBuffer.allocate(1), null, read);
      Done<Integer> written = new Done<>();
      fill(pair.client, written);
      pair.client.close();
      expect(failure(read) instanceof AsynchronousCloseException, "read: " + failure(read));
      expect(failure(written) instanceof AsynchronousCloseException, "write: " + failure(written));
    }
  }

  /** Writes until {@code pending} is a write that waits. */
  private static void fill(AsynchronousSocketChannel channel, Done<Integer> pending)
      throws Exception {
    ByteBuffer much = ByteBuffer.allocate(LARGE);
    while (true) {
      Future<Integer> written = channel.write(much.clear());
      try {
        written.get(300, TimeUnit.MILLISECONDS);
      } catch (TimeoutException full) {
        started(
            () -> {
              try {
                pending.complete(written.get());
              } catch (ExecutionException e) {
                pending.completeExceptionally(e.getCause());
              }
              return null;
            },
            Executors.newSingleThreadExecutor(AsynchronousSockets::daemon));
        return;
      }
    }
  }

  private void aCloseFailsAReadInTheHandshake() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(0));
        Socket silent = plain(listener)) {
      AsynchronousSocketChannel server = listener.accept().get();
      Done<Integer> read = new Done<>();
      server.read(ByteBuffer.allocate(1), null, read);
      server.close();
      expect(failure(read) instanceof AsynchronousCloseException, "read: " + failure(read));
      expect(silent.getInputStream().read() == -1, "no end of the stream");
    }
  }

  private void anAcceptPendsUntilTheClose() throws Exception {
    AsynchronousServerSocketChannel listener = listen(null);
    Done<AsynchronousSocketChannel> first = new Done<>();
    listener.accept(null, first);
    try (AsynchronousSocketChannel client = connect(listener, null);
        AsynchronousSocketChannel server = first.get()) {
      writeAll(client, bytes(7));
      same(bytes(7), readExactly(server, 7));
    }
    Done<AsynchronousSocketChannel> second = new Done<>();
    listener.accept(null, second);
    listener.close();
    expect(failure(second) instanceof AsynchronousCloseException, "accept: " + failure(second));
  }

  private void aRefusedConnectIsRefused() throws Exception {
    InetSocketAddress nobody;
    try (AsynchronousServerSocketChannel listener = listen(null)) {
      nobody = (InetSocketAddress) listener.getLocalAddress();
    }
    AsynchronousSocketChannel client = AsynchronousSocketChannel.open();
    Done<Void> connected = new Done<>();
    client.connect(nobody, null, connected);
    Throwable failure = failure(connected);
    expect(failure instanceof ConnectException, "connect: " + failure);
    expect(failure.getMessage().contains("refused"), failure.getMessage());
    expect(!client.isOpen(), "open after a failed connect");
  }

  private void handlersRunInTheirGroup() throws Exception {
    Thread[] member = new Thread[1];
    AsynchronousChannelGroup group =
        AsynchronousChannelGroup.withFixedThreadPool(
            1,
            task -> {
              member[0] = daemon(task);
              return member[0];
            });
    try (Pair pair = new Pair(group)) {
      for (int i = 0; i < 40; i++) {
        Done<Integer> read = new Done<>();
        pair.server.read(ByteBuffer.allocate(1), null, read);
        Done<Integer> written = new Done<>();
        pair.client.write(ByteBuffer.wrap(bytes(2)), null, written);
        read.get();
        written.get();
        expect(read.thread == member[0] && written.thread == member[0], "a foreign thread");
      }
    } finally {
      group.shutdownNow();
    }
  }

  private void everyKindOfGroupServes() throws Exception {
    List<AsynchronousChannelGroup> groups =
        List.of(
            AsynchronousChannelGroup.withFixedThreadPool(2, AsynchronousSockets::daemon),
            AsynchronousChannelGroup.withCachedThreadPool(
                Executors.newCachedThreadPool(AsynchronousSockets::daemon), 1),
            AsynchronousChannelGroup.withCachedThreadPool(
                Executors.newCachedThreadPool(AsynchronousSockets::daemon), 0),
            AsynchronousChannelGroup.withThreadPool(
                Executors.newSingleThreadExecutor(AsynchronousSockets::daemon)));
    for (AsynchronousChannelGroup group : groups) {
      try (Pair pair = new Pair(group)) {
        CompletableFuture<Void> echoed = echo(pair.server, 1_000);
        CompletableFuture<byte[]> answer = collect(pair.client);
        writeAll(pair.client, bytes(200_000));
        pair.client.shutdownOutput();
        same(bytes(200_000), answer.get());
        echoed.get();
      } finally {
        group.shutdownNow();
      }
    }
  }

  /** The only thread of the pool waits for the future of a read. */
  private void aBusyGroupCompletesFutures() throws Exception {
    ExecutorService single = Executors.newSingleThreadExecutor(AsynchronousSockets::daemon);
    AsynchronousChannelGroup group = AsynchronousChannelGroup.withThreadPool(single);
    try (AsynchronousServerSocketChannel listener = listen(null)) {
      for (int i = 0; i < 20; i++) {
        try (AsynchronousSocketChannel client = connect(listener, group)) {
          Future<byte[]> answer = single.submit(() -> readExactly(client, 10));
          try (AsynchronousSocketChannel server = listener.accept().get()) {
            writeAll(server, bytes(10));
            same(bytes(10), answer.get());
          }
        }
      }
    } finally {
      group.shutdownNow();
    }
  }

  /** With a fixed pool, a read that another thread begins waits for an event, whatever is there. */
  private void aReadBegunElsewhereSeesTheRest() throws Exception {
    AsynchronousChannelGroup group =
        AsynchronousChannelGroup.withFixedThreadPool(1, AsynchronousSockets::daemon);
    try (Pair pair = new Pair(group)) {
      writeAll(pair.client, bytes(300));
      ByteBuffer all = ByteBuffer.allocate(300);
      while (all.hasRemaining()) {
        Done<Integer> read = new Done<>();
        pair.server.read(all.slice().limit(1), null, read);
        all.position(all.position() + read.get());
      }
      same(bytes(300), all.array());
    } finally {
      group.shutdownNow();
    }
  }

  private void aGroupEndsWithItsChannels() throws Exception {
    AsynchronousChannelGroup group =
        AsynchronousChannelGroup.withFixedThreadPool(2, AsynchronousSockets::daemon);
    Pair pair = established(group);
    group.shutdown();
    writeAll(pair.client, bytes(9));
    same(bytes(9), readExactly(pair.server, 9));
    Done<Integer> pending = new Done<>();
    pair.client.read(ByteBuffer.allocate(1), null, pending);
    expect(!group.isTerminated(), "ended with open channels");
    group.shutdownNow();
    Throwable failure = failure(pending);
    if (failure == null) {
      expect(pending.get() == -1, "read " + pending.get()); // the other end was closed first
    } else {
      expect(failure instanceof AsynchronousCloseException, "read: " + failure);
    }
    expect(group.awaitTermination(10, TimeUnit.SECONDS), "lives on");
    pair.close();
  }

  private void aBlockingPeerIsServed() throws Exception {
    try (AsynchronousServerSocketChannel listener = listen(null);
        Socket client = new Socket(loopback, port(listener));
        AsynchronousSocketChannel server = listener.accept().get()) {
      CompletableFuture<Void> echoed = echo(server, 4_096);
      Future<byte[]> answer = started(() -> client.getInputStream().readNBytes(LARGE));
      client.getOutputStream().write(bytes(LARGE));
      same(bytes(LARGE), answer.get());
      client.shutdownOutput();
      echoed.get();
    }
  }

  private void aSelectingPeerIsServed() throws Exception {
    try (AsynchronousServerSocketChannel listener = listen(null);
        Selector selector = Selector.open();
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        AsynchronousSocketChannel server = listener.accept().get()) {
      CompletableFuture<Void> echoed = echo(server, 4_096);
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      ByteBuffer out = ByteBuffer.wrap(bytes(LARGE));
      ByteBuffer in = ByteBuffer.allocate(LARGE);
      while (in.hasRemaining()) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isWritable()) {
            client.write(out);
            if (!out.hasRemaining()) {
              key.interestOps(SelectionKey.OP_READ);
            }
          }
          if (key.isReadable()) {
            client.read(in);
          }
        }
        selector.selectedKeys().clear();
      }
      same(bytes(LARGE), in.array());
      client.shutdownOutput();
      echoed.get();
    }
  }

  private void manyConnectionsAtOnce() throws Exception {
    int count = 150;
    try (AsynchronousServerSocketChannel listener = listen(null)) {
      List<AsynchronousSocketChannel> servers = new ArrayList<>();
      acceptAll(listener, servers);
      List<AsynchronousSocketChannel> clients = new ArrayList<>();
      List<CompletableFuture<byte[]>> answers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        AsynchronousSocketChannel client = AsynchronousSocketChannel.open();
        clients.add(client);
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        answers.add(answer);
        ByteBuffer sent = ByteBuffer.wrap(bytes(5_000 + i));
        client.connect(listener.getLocalAddress(), client, new Caller(sent, answer));
      }
      for (int i = 0; i < count; i++) {
        same(bytes(5_000 + i), answers.get(i).get());
      }
      for (AsynchronousSocketChannel each : clients) {
        each.close();
      }
      synchronized (servers) {
        for (AsynchronousSocketChannel each : servers) {
          each.close();
        }
      }
    }
  }

  private static void acceptAll(
      AsynchronousServerSocketChannel listener, List<AsynchronousSocketChannel> servers) {
    listener.accept(
        null,
        new CompletionHandler<AsynchronousSocketChannel, Object>() {
          @Override
          public void completed(AsynchronousSocketChannel server, Object attachment) {
            synchronized (servers) {
              servers.add(server);
            }
            listener.accept(null, this);
            echo(server, 512);
          }

          @Override
          public void failed(Throwable e, Object attachment) {
            // the listener is closed
          }
        });
  }

  /** Connects, writes all, ends the output and collects the answer. */
  private static final class Caller implements CompletionHandler<Void, AsynchronousSocketChannel> {
    private final ByteBuffer sent;
    private final CompletableFuture<byte[]> answer;

    Caller(ByteBuffer sent, CompletableFuture<byte[]> answer) {
      this.sent = sent;
      this.answer = answer;
    }

    @Override
    public void completed(Void nothing, AsynchronousSocketChannel client) {
      client.write(
          sent,
          null,
          new CompletionHandler<Integer, Object>() {
            @Override
            public void completed(Integer n, Object attachment) {
              if (sent.hasRemaining()) {
                client.write(sent, null, this);
                return;
              }
              try {
                client.shutdownOutput();
                collect(client)
                    .whenComplete(
                        (bytes, e) -> {
                          if (e == null) {
                            answer.complete(bytes);
                          } else {
                            answer.completeExceptionally(e);
                          }
                        });
              } catch (IOException e) {
                answer.completeExceptionally(e);
              }
            }

            @Override
            public void failed(Throwable e, Object attachment) {
              answer.completeExceptionally(e);
            }
          });
    }

    @Override
    public void failed(Throwable e, AsynchronousSocketChannel client) {
      answer.completeExceptionally(e);
    }
  }

  /** Pending reads and writes, in the handshake and after it. */
  private void waitingTakesNoWork() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(0));
        Socket silent = plain(listener);
        AsynchronousSocketChannel server = listener.accept().get();
        Pair pair = established(null)) {
      Future<Integer> read = server.read(ByteBuffer.allocate(1));
      Future<Integer> other = pair.server.read(ByteBuffer.allocate(1));
      fill(pair.client, new Done<>());
      if (System.getenv("OUTSIDER") != null) {
        fill(server, new Done<>()); // held back until the peer has shown who it is
      }
      long cpu = cpu();
      Thread.sleep(1_000);
      long used = (cpu() - cpu) / 1_000_000;
      expect(used < 400, "waiting took " + used + " ms of the processor");
      expect(!read.isDone() && silent.isConnected(), "read something");
      expect(other.get() == 1, "read nothing");
    }
  }

  private void anOutsiderIsRefusedByName() throws Exception {
    int port = Integer.parseInt(System.getenv("OUTSIDER"));
    for (boolean handlers : new boolean[] {false, true}) {
      try (AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
        client.connect(new InetSocketAddress(loopback, port)).get();
        Throwable failure;
        try {
          read(client, ByteBuffer.allocate(1), handlers);
          failure = null;
        } catch (ExecutionException e) {
          failure = e.getCause();
        }
        expect(failure instanceof IOException, "read: " + failure);
        expect(failure.getMessage().contains("127.0.0.1:" + port), "message: " + failure);
        Throwable again = failure(client.write(ByteBuffer.wrap(bytes(1))));
        expect(again instanceof IOException, "write: " + again);
        expect(again.getMessage().equals(failure.getMessage()), "message: " + again);
      }
    }
  }

  private void aPlaintextPeerIsRefusedByRule() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(0));
        Socket stranger = plain(listener);
        AsynchronousSocketChannel server = listener.accept().get()) {
      Future<Integer> read = server.read(ByteBuffer.allocate(1));
      stranger.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      Throwable failure = failure(read);
      expect(failure instanceof IOException, "read: " + failure);
      expect(failure.getMessage().contains("refused by rule"), "message: " + failure);
      expect(stranger.getInputStream().read() == -1, "no end of the stream");
    }
  }

  // ---- what the stories are made of ----

  /** A connection, both ends. */
  private final class Pair implements AutoCloseable {
    private final AsynchronousServerSocketChannel listener;
    private final AsynchronousSocketChannel client;
    private final AsynchronousSocketChannel server;

    Pair(AsynchronousChannelGroup group) throws Exception {
      listener = listen(group);
      client = connect(listener, group);
      server = listener.accept().get();
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
      listener.close();
    }
  }

  /** A connection that has carried bytes both ways. */
  private Pair established(AsynchronousChannelGroup group) throws Exception {
    Pair pair = new Pair(group);
    writeAll(pair.client, bytes(3));
    same(bytes(3), readExactly(pair.server, 3));
    writeAll(pair.server, bytes(4));
    same(bytes(4), readExactly(pair.client, 4));
    return pair;
  }

  private AsynchronousServerSocketChannel listen(AsynchronousChannelGroup group)
      throws IOException {
    return AsynchronousServerSocketChannel.open(group)
        .bind(new InetSocketAddress(loopback, 0), 300);
  }

  private AsynchronousSocketChannel connect(
      AsynchronousServerSocketChannel listener, AsynchronousChannelGroup group) throws Exception {
    AsynchronousSocketChannel client = AsynchronousSocketChannel.open(group);
    client.connect(new InetSocketAddress(loopback, port(listener))).get();
    return client;
  }

  /** A client that the mesh does not touch: 127.0.0.2 is no network of it. It stays silent. */
  private static Socket plain(AsynchronousServerSocketChannel listener) throws IOException {
    return new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), port(listener));
  }

  private static int port(AsynchronousServerSocketChannel listener) throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  private static void writeAll(AsynchronousSocketChannel channel, byte[] bytes) throws Exception {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left).get();
    }
  }

  private static byte[] readExactly(AsynchronousSocketChannel channel, int count) throws Exception {
    ByteBuffer target = ByteBuffer.allocate(count);
    while (target.hasRemaining() && channel.read(target).get() >= 0) {
      // until all is there
    }
    return Arrays.copyOf(target.array(), target.position());
  }

  private static byte[] readToEnd(AsynchronousSocketChannel channel) throws Exception {
    ByteBuffer target = ByteBuffer.allocate(LARGE);
    while (channel.read(target).get() >= 0) {
      // until the end
    }
    return Arrays.copyOf(target.array(), target.position());
  }

  /** Reads to the end by handlers. */
  private static CompletableFuture<byte[]> collect(AsynchronousSocketChannel channel) {
    CompletableFuture<byte[]> all = new CompletableFuture<>();
    ByteBuffer target = ByteBuffer.allocate(LARGE);
    channel.read(
        target,
        null,
        new CompletionHandler<Integer, Object>() {
          @Override
          public void completed(Integer n, Object attachment) {
            if (n < 0) {
              all.complete(Arrays.copyOf(target.array(), target.position()));
            } else {
              channel.read(target, null, this);
            }
          }

          @Override
          public void failed(Throwable e, Object attachment) {
            all.completeExceptionally(e);
          }
        });
    return all;
  }

  /** Sends back what comes, by handlers, until the end; the next read begins before the write. */
  private static CompletableFuture<Void> echo(AsynchronousSocketChannel channel, int chunk) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    new Echo(channel, chunk, ended).next();
    return ended;
  }

  private static final class Echo implements CompletionHandler<Integer, ByteBuffer> {
    private final AsynchronousSocketChannel channel;
    private final int chunk;
    private final CompletableFuture<Void> ended;
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

    Echo(AsynchronousSocketChannel channel, int chunk, CompletableFuture<Void> ended) {
      this.channel = channel;
      this.chunk = chunk;
      this.ended = ended;
    }

    void next() {
      ByteBuffer target = ByteBuffer.allocate(chunk);
      channel.read(target, target, this);
    }

    @Override
    public void completed(Integer n, ByteBuffer bytes) {
      if (n < 0) {
        written.whenComplete((nothing, e) -> end());
        return;
      }
      CompletableFuture<Void> before = written;
      CompletableFuture<Void> done = new CompletableFuture<>();
      written = done;
      bytes.flip();
      before.whenComplete((nothing, e) -> write(bytes, done));
      // Read ahead, but no further than one buffer.
      before.whenComplete((nothing, e) -> next());
    }

    private void write(ByteBuffer bytes, CompletableFuture<Void> done) {
      channel.write(
          bytes,
          null,
          new CompletionHandler<Integer, Object>() {
            @Override
            public void completed(Integer n, Object attachment) {
              if (bytes.hasRemaining()) {
                channel.write(bytes, null, this);
              } else {
                done.complete(null);
              }
            }

            @Override
            public void failed(Throwable e, Object attachment) {
              ended.completeExceptionally(e);
            }
          });
    }

    private void end() {
      try {
        channel.shutdownOutput();
        ended.complete(null);
      } catch (IOException e) {
        ended.completeExceptionally(e);
      }
    }

    @Override
    public void failed(Throwable e, ByteBuffer bytes) {
      ended.completeExceptionally(e);
    }
  }

  private static Throwable failure(Future<?> future) throws Exception {
    try {
      future.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private <T> Future<T> started(Callable<T> work) {
    return started(work, threads);
  }

  private static <T> Future<T> started(Callable<T> work, ExecutorService executor) {
    return executor.submit(work);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
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
}
