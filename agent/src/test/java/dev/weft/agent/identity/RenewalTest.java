package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs the loop on this thread with a clock that only pauses move. */
class RenewalTest {
  private static final String PAY = "spiffe://a.test/ns/default/sa/pay";
  private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final TestAuthority authority = TestAuthority.create();
  private final IdentityStore identities = new IdentityStore();
  private final List<Duration> pauses = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private Instant now = start;
  private int pausesLeft;

  private void run(Renewal.Source source, int howManyPauses) {
    pausesLeft = howManyPauses;
    new Renewal(
            identities,
            source,
            duration -> {
              if (pausesLeft-- == 0) {
                throw new InterruptedException();
              }
              pauses.add(duration);
              now = now.plus(duration);
            },
            () -> now,
            new Random(7),
            new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8)))
        .run();
    assertThat(Thread.interrupted()).isTrue();
  }

  private Identity livingUntil(Instant end) {
    return authority.identity(PAY, leaf -> leaf.until = end);
  }

  @Test
  void renewsAtHalfOfTheRemainingLifeGiveOrTakeFivePercent() {
    identities.publish(livingUntil(start.plus(Duration.ofHours(24))));
    List<Identity> renewed = new ArrayList<>();
    run(
        current -> {
          renewed.add(livingUntil(now.plus(Duration.ofHours(24))));
          return renewed.get(renewed.size() - 1);
        },
        20);

    assertThat(renewed).hasSize(20);
    assertThat(identities.current()).isEqualTo(renewed.get(19));
    assertThat(pauses)
        .allSatisfy(
            pause ->
                assertThat(pause)
                    .isBetween(
                        Duration.ofHours(24).multipliedBy(45).dividedBy(100).minusSeconds(2),
                        Duration.ofHours(24).multipliedBy(55).dividedBy(100)));
    assertThat(pauses).doesNotHaveDuplicates();
  }

  @Test
  void failuresAreTriedAgainWithJitterAndToldOnce() {
    Identity old = livingUntil(start.plus(Duration.ofHours(24)));
    identities.publish(old);
    run(
        current -> {
          throw new IOException("server away");
        },
        40);

    assertThat(identities.current()).isEqualTo(old);
    assertThat(pauses.subList(1, 40))
        .allSatisfy(pause -> assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(150)));
    assertThat(pauses.get(1)).isLessThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(pauses.subList(10, 40))
        .anyMatch(pause -> pause.compareTo(Duration.ofSeconds(60)) > 0);
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .contains("identity renewal failed", "stays in use: server away");
  }

  @Test
  void aCertificateOfAnotherTimeReplacesNoneThatWorksAndOneOfNowDoes() {
    Identity old = livingUntil(start.plus(Duration.ofHours(24)));
    identities.publish(old);
    Deque<Duration> clocksOfTheServer =
        new ArrayDeque<>(List.of(Duration.ofDays(3), Duration.ofDays(-3), Duration.ofHours(-20)));
    run(
        current -> {
          Duration ahead = clocksOfTheServer.isEmpty() ? Duration.ZERO : clocksOfTheServer.pop();
          assertThat(identities.current()).isEqualTo(old);
          return issued(now.plus(ahead), Duration.ofHours(24));
        },
        4);

    assertThat(clocksOfTheServer).isEmpty();
    assertThat(identities.current()).isNotEqualTo(old);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("identity renewal failed")
        .contains("of the future", "stays in use", "compare the clocks of both machines")
        .contains("identity renewed");
  }

  @Test
  void aShorterLifeIsNoReasonToKeepTheOldOne() {
    identities.publish(livingUntil(start.plus(Duration.ofHours(24))));
    run(current -> issued(now, Duration.ofHours(1)), 1);

    assertThat(identities.current().notAfter())
        .isBefore(start.plus(Duration.ofHours(24)))
        .isAfter(now);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("identity renewed");
  }

  /** As a server makes it whose clock says {@code then}. */
  private Identity issued(Instant then, Duration life) {
    return authority.identity(
        PAY,
        leaf -> {
          leaf.from = then.minusSeconds(60);
          leaf.until = then.plus(life);
        });
  }

  @Test
  void anExpiredIdentityIsLeftToEnrolment() {
    identities.publish(livingUntil(start.plusSeconds(2)));
    int[] attempts = {0};
    run(
        current -> {
          attempts[0]++;
          throw new IOException("server away");
        },
        30);
    int before = attempts[0];
    run(
        current -> {
          attempts[0]++;
          throw new IOException("server away");
        },
        10);

    assertThat(before).isPositive();
    assertThat(attempts[0]).isEqualTo(before);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("ERROR identity expired at");
  }
}
