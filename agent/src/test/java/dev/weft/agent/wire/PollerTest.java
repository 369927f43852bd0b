package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.weft.bootstrap.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the driver expects of whatever it waits on. */
@Timeout(30)
class PollerTest {
  private static final int LONG_MILLIS = 10_000;

  private SocketChannel client;
  private SocketChannel server;

  static Stream<Poller> pollers() throws IOException {
    return Stream.of(EpollPoller.open(), new SweepPoller());
  }

  @BeforeEach
  void connect() throws IOException {
    try (ServerSocketChannel listener =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      client = SocketChannel.open(listener.getLocalAddress());
      server = listener.accept();
    }
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void aWritableDescriptorIsReportedOnce(Poller poller) throws IOException {
    poller.arm(number(server), NativeIo.POLLOUT);

    assertThat(reported(poller, LONG_MILLIS)).containsExactly(number(server));
    assertThat(reported(poller, 20)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void aDescriptorIsReportedWhenBytesCome(Poller poller) throws IOException {
    poller.arm(number(server), NativeIo.POLLIN);
    assertThat(reported(poller, 20)).isEmpty();

    client.write(ByteBuffer.wrap(new byte[1]));

    assertThat(reported(poller, LONG_MILLIS)).containsExactly(number(server));
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void whatIsAskedLaterReplacesWhatWasAsked(Poller poller) throws IOException {
    poller.arm(number(server), NativeIo.POLLOUT);
    poller.arm(number(server), NativeIo.POLLIN);

    assertThat(reported(poller, 20)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void theEndOfTheStreamIsAnEvent(Poller poller) throws IOException {
    poller.arm(number(server), NativeIo.POLLIN);

    client.close();

    assertThat(reported(poller, LONG_MILLIS)).containsExactly(number(server));
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void armingEndsAWaitThatHasBegun(Poller poller) throws Exception {
    Thread later =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(50); // likely to wait by then; if not, it is easier
                poller.arm(number(server), NativeIo.POLLOUT);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    later.start();

    assertThat(reported(poller, LONG_MILLIS)).containsExactly(number(server));
    later.join();
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void aWaitIsEndedByWhoeverWakes(Poller poller) throws IOException {
    for (int i = 0; i < 3; i++) {
      poller.wake();

      poller.poll(Integer.MAX_VALUE / 2, number -> fail("nothing was armed"));
    }
    assertThat(reported(poller, 20)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pollers")
  void aClosedDescriptorHurtsNobody(Poller poller) throws IOException {
    poller.arm(number(server), NativeIo.POLLIN);
    server.close();
    poller.arm(number(client), NativeIo.POLLOUT);

    assertThat(reported(poller, LONG_MILLIS)).contains(number(client));
  }

  /** Polls until something is reported, or the time is over. */
  private static List<Integer> reported(Poller poller, int millis) throws IOException {
    List<Integer> reported = new ArrayList<>();
    long end = System.nanoTime() + millis * 1_000_000L;
    while (System.nanoTime() - end < 0 && reported.isEmpty()) {
      poller.poll(5, reported::add);
    }
    return reported;
  }

  private static int number(SocketChannel channel) {
    return Wire.number(NativeIo.descriptor(channel));
  }
}
