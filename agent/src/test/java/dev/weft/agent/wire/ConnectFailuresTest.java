package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectFailuresTest {
  private long now = 1;
  private final ConnectFailures failures = new ConnectFailures(() -> now);

  private static InetSocketAddress at(int last, int port) throws Exception {
    byte[] address = {10, 0, 0, (byte) last};
    // Under the name that the application called: that is not what others know it by.
    return new InetSocketAddress(InetAddress.getByAddress("pay", address), port);
  }

  @Test
  void whatFailedLatelyIsListedByAddress() throws Exception {
    failures.failed(at(1, 8080));

    assertThat(failures.lately()).containsExactly("10.0.0.1:8080");
    now += ConnectFailures.LATELY.toNanos();
    assertThat(failures.lately()).isEmpty();
  }

  @Test
  void whatHasSucceededSinceIsNot() throws Exception {
    failures.failed(at(1, 8080));
    failures.failed(at(2, 8080));

    failures.connected(at(1, 8080));

    assertThat(failures.lately()).containsExactly("10.0.0.2:8080");
  }

  @Test
  void onlyTheFirstFailureOfAnEndpointIsNews() throws Exception {
    AtomicInteger news = new AtomicInteger();
    failures.onNews(news::incrementAndGet);

    failures.failed(at(1, 8080));
    failures.failed(at(1, 8080));

    assertThat(news).hasValue(1);
  }

  @Test
  void thereIsABoundAndWhatIsOldMakesRoom() throws Exception {
    for (int port = 1; port <= 2 * ConnectFailures.MOST; port++) {
      failures.failed(at(1, port));
    }
    assertThat(failures.lately()).hasSize(ConnectFailures.MOST);

    now += ConnectFailures.LATELY.toNanos();
    failures.failed(at(2, 1));
    assertThat(failures.lately()).containsExactly("10.0.0.2:1");
  }
}
