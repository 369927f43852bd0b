package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  private final BufferPool pool = BufferPool.direct();

  @Test
  void aGivenBufferIsTakenAgainAndEmpty() {
    ByteBuffer buffer = pool.take();
    buffer.put(new byte[10]).flip();
    pool.give(buffer);

    ByteBuffer again = pool.take();

    assertThat(again).isSameAs(buffer);
    assertThat(again.position()).isZero();
    assertThat(again.remaining()).isEqualTo(BufferPool.SIZE);
  }

  @Test
  void noTwoTakersShareABuffer() {
    ByteBuffer one = pool.take();
    ByteBuffer other = pool.take();

    assertThat(one).isNotSameAs(other);
    assertThat(pool.lent()).isEqualTo(2);
  }

  @Test
  void aBurstBeyondThePoolIsServedAndNotKept() {
    List<ByteBuffer> taken = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      taken.add(pool.take());
    }
    assertThat(pool.lent()).isEqualTo(100);

    taken.forEach(pool::give);

    assertThat(pool.lent()).isZero();
  }
}
