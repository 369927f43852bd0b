package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PendingReadsTest {
  private final Set<SelectionKey> bytes = ConcurrentHashMap.newKeySet();
  private final PendingReads pending = new PendingReads(bytes::contains);
  private Selector selector;
  private Pipe pipe;
  private SelectionKey key;

  @BeforeEach
  void register() throws IOException {
    selector = Selector.open();
    pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    key = pipe.source().register(selector, SelectionKey.OP_READ);
  }

  @AfterEach
  void close() throws IOException {
    selector.close();
    pipe.source().close();
    pipe.sink().close();
  }

  @Test
  void aSelectorWithoutPendingBytesWaitsAsItLikes() {
    assertThat(pending.beforeSelect(selector, 1_000)).isEqualTo(1_000);
  }

  @Test
  void aSelectorWithPendingBytesDoesNotWait() {
    mark();

    assertThat(pending.beforeSelect(selector, -1)).isZero();
  }

  @Test
  void aSelectLooksAtThePendingKeysOnly() throws IOException {
    List<DatagramChannel> idle = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      DatagramChannel channel = DatagramChannel.open();
      idle.add(channel);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
    }
    AtomicInteger looks = new AtomicInteger();
    PendingReads counted =
        new PendingReads(
            any -> {
              looks.incrementAndGet();
              return any == key;
            });
    counted.mark(key);

    assertThat(counted.beforeSelect(selector, 1_000)).isZero();
    assertThat(counted.readyOps(idle.get(0).keyFor(selector), 0)).isZero();
    assertThat(counted.readyOps(key, 0)).isNotZero();
    assertThat(counted.afterSelect(selector, null, 1, 1_000)).isEqualTo(1);

    assertThat(looks).hasValueLessThan(5);
    for (DatagramChannel channel : idle) {
      channel.close();
    }
  }

  @Test
  void bytesThatNobodyWantsToReadLetTheSelectorWait() {
    mark();
    key.interestOps(0);

    assertThat(pending.beforeSelect(selector, -1)).isEqualTo(-1);

    key.interestOps(SelectionKey.OP_READ);
    assertThat(pending.beforeSelect(selector, -1)).isZero();
  }

  @Test
  void bytesThatHaveBeenReadAreForgotten() throws IOException {
    mark();
    bytes.clear();

    assertThat(pending.afterSelect(selector, null, 3, -1)).isEqualTo(3);

    assertThat(pending.size()).isZero();
    assertThat(pending.beforeSelect(selector, -1)).isEqualTo(-1);
  }

  @Test
  void aCancelledKeyIsForgotten() {
    mark();
    key.cancel();

    assertThat(pending.beforeSelect(selector, -1)).isEqualTo(-1);
    assertThat(pending.size()).isZero();
  }

  @Test
  @Timeout(20)
  void markingWakesASelectorThatKnewTheKeyFromEarlier() throws Exception {
    mark();
    bytes.clear(); // read meanwhile, the key is still noted
    long timeout = pending.beforeSelect(selector, -1);
    Thread waits =
        new Thread(
            () -> {
              try {
                selector.select(timeout < 0 ? 0 : timeout);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    waits.start();

    mark();

    waits.join();
  }

  @Test
  @Timeout(20)
  void aWakeupOfTheApplicationEndsTheSelect() throws IOException {
    long timeout = pending.beforeSelect(selector, -1);
    pending.wakeup(selector); // what the woven Selector.wakeup() does first
    selector.wakeup();
    pending.wake(selector);

    assertThat(pending.afterSelect(selector, null, selector.select(), timeout)).isZero();
  }

  @Test
  void aClosedSelectorKeepsNoKeys() throws IOException {
    mark();
    selector.close();
    try (Selector other = Selector.open()) {
      SelectionKey otherKey = pipe.source().register(other, SelectionKey.OP_READ);
      bytes.add(otherKey);
      pending.mark(otherKey);

      assertThat(pending.size()).isEqualTo(1);
    }
  }

  @Test
  @Timeout(60)
  void noKeyIsLostBetweenAReaderAndItsSelector() throws Exception {
    int rounds = 20_000;
    Thread reader =
        new Thread(
            () -> {
              for (int i = 0; i < rounds; i++) {
                bytes.remove(key);
                bytes.add(key);
                pending.mark(key);
              }
            });
    reader.start();
    while (reader.isAlive()) {
      pending.beforeSelect(selector, -1);
    }
    reader.join();

    assertThat(pending.beforeSelect(selector, -1)).isZero();
    assertThat(pending.size()).isEqualTo(1);
  }

  private void mark() {
    bytes.add(key);
    pending.mark(key);
  }
}
