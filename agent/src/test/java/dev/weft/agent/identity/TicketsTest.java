package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TicketsTest {
  private static final Instant NOW = Instant.EPOCH;
  private static final Instant LATER = NOW.plusSeconds(1);

  private final List<Integer> disposed = new ArrayList<>();
  private boolean faulty;
  private final Tickets<Integer> tickets = new Tickets<>(this::dispose);

  private void dispose(Integer session) {
    if (faulty) {
      throw new OutOfMemoryError("of the test");
    }
    disposed.add(session);
  }

  private static Destination destination(int port) {
    return new Destination(null, InetSocketAddress.createUnresolved("pay", port));
  }

  @Test
  void theNewestAreKeptAndTheOldestDropped() {
    for (int i = 0; i <= Tickets.EACH; i++) {
      tickets.give(destination(1), i, LATER);
    }

    assertThat(disposed).containsExactly(0);
    assertThat(tickets.take(destination(1), NOW)).isEqualTo(Tickets.EACH);
  }

  @Test
  void theDestinationLongestUnusedIsDropped() {
    for (int port = 0; port <= Tickets.DESTINATIONS; port++) {
      tickets.give(destination(port), port, LATER);
    }

    assertThat(disposed).containsExactly(0);
    assertThat(tickets.take(destination(0), NOW)).isNull();
    assertThat(tickets.take(destination(1), NOW)).isEqualTo(1);
  }

  /** Who gave it believes that nobody has it. */
  @Test
  void whatAFaultKeptFromBeingTakenIsNotHeld() {
    for (int i = 0; i < Tickets.EACH; i++) {
      tickets.give(destination(1), i, LATER);
    }
    faulty = true;
    assertThatThrownBy(() -> tickets.give(destination(1), 77, LATER))
        .isInstanceOf(OutOfMemoryError.class);
    faulty = false;

    assertThat(tickets.take(destination(1), NOW)).isEqualTo(Tickets.EACH - 1);
  }

  @Test
  void whatIsTooOldIsDropped() {
    tickets.give(destination(1), 1, NOW);

    assertThat(tickets.take(destination(1), NOW)).isNull();
    assertThat(disposed).containsExactly(1);
  }
}
