package dev.weft.server.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.server.protocol.Refusal;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
  private final Limits limits =
      new Limits(
          Map.of(Traffic.READ, new Quota(10, 3, 2, 100)), new ConnectionLimit(3, 2), nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static Refusal refusal(ThrowingCallable call) {
    try {
      call.call();
    } catch (Refusal refusal) {
      return refusal;
    } catch (Throwable other) {
      throw new AssertionError(other);
    }
    throw new AssertionError("was let through");
  }

  @Test
  void aBurstPassesAndThenTheRate() throws Refusal {
    for (int i = 0; i < 3; i++) {
      limits.count(Traffic.READ, "ci");
    }
    assertThat(refusal(() -> limits.count(Traffic.READ, "ci")).code()).isEqualTo("rate-limited");

    pass(Duration.ofMillis(100));
    limits.count(Traffic.READ, "ci");
    assertThatThrownBy(() -> limits.count(Traffic.READ, "ci")).isInstanceOf(Refusal.class);

    pass(Duration.ofSeconds(10)); // over the clock's overflow
    for (int i = 0; i < 3; i++) {
      limits.count(Traffic.READ, "ci");
    }
    assertThatThrownBy(() -> limits.count(Traffic.READ, "ci")).isInstanceOf(Refusal.class);
    assertThat(limits.limited(Traffic.READ)).isEqualTo(3);
  }

  @Test
  void oneCallersFloodDoesNotHurtAnother() throws Refusal {
    for (int i = 0; i < 3; i++) {
      limits.count(Traffic.READ, "ci");
    }
    assertThatThrownBy(() -> limits.count(Traffic.READ, "ci")).isInstanceOf(Refusal.class);

    limits.count(Traffic.READ, "anna");
    limits.count(Traffic.AGENT, "ci");
  }

  @Test
  void aRefusalSaysWhenToComeBack() throws Refusal {
    Limits slow =
        new Limits(
            Map.of(Traffic.READ, new Quota(0.1, 1, 1, 0)), ConnectionLimit.usual(), nanos::get);
    slow.count(Traffic.READ, "ci");

    assertThat(refusal(() -> slow.count(Traffic.READ, "ci")).retryAfterSeconds()).isEqualTo(10);
    pass(Duration.ofMillis(9_500));
    assertThat(refusal(() -> slow.count(Traffic.READ, "ci")).retryAfterSeconds()).isEqualTo(1);
  }

  @Test
  void aMillionCallersTakeNoMoreRoomThanSomeThousand() {
    Rate rate = new Rate(new Quota(1, 1, 1, 0), nanos::get);
    for (int i = 0; i < 1_000_000; i++) {
      rate.take("caller " + i);
    }

    assertThat(rate.callers()).isEqualTo(Rate.MAX_CALLERS);
    assertThat(rate.take("caller 999999")).isPositive();
  }

  @Test
  void thousandsOfAgentsOfOneAddressComeBackAtOnce() throws Refusal {
    Limits usual = new Limits(Map.of(), ConnectionLimit.usual(), nanos::get);
    for (int agent = 0; agent < 2_000; agent++) {
      assertThat(usual.connections().open("10.0.0.1")).isTrue();
      assertThat(usual.connections().open("10.0.0.1")).isTrue();
      usual.count(Traffic.ENROLL, "10.0.0.1");
      usual.count(Traffic.AGENT, "spiffe://cluster.local/ns/default/sa/s" + agent % 20);
      usual.count(Traffic.AGENT, "spiffe://cluster.local/ns/default/sa/s" + agent % 20);
      usual.enter(Traffic.AGENT);
    }
  }

  @Test
  void placesAndBytesComeBack() throws Refusal {
    limits.enter(Traffic.READ);
    limits.enter(Traffic.READ);
    assertThat(refusal(() -> limits.enter(Traffic.READ)).kind()).isEqualTo(Refusal.Kind.OVERLOADED);
    limits.leave(Traffic.READ);
    limits.enter(Traffic.READ);

    limits.hold(Traffic.READ, 100);
    assertThat(refusal(() -> limits.hold(Traffic.READ, 1)).code()).isEqualTo("overloaded");
    limits.free(Traffic.READ, 100);
    limits.hold(Traffic.READ, 100);
    assertThat(limits.overloaded(Traffic.READ)).isEqualTo(2);
  }

  @Test
  void connectionsAreCountedByAddressAndInAll() {
    ConnectionLimit connections = limits.connections();

    assertThat(connections.open("a")).isTrue();
    assertThat(connections.open("a")).isTrue();
    assertThat(connections.open("a")).isFalse();
    assertThat(connections.open("b")).isTrue();
    assertThat(connections.open("c")).isFalse();
    connections.close("a");
    assertThat(connections.open("c")).isTrue();
    assertThat(connections.open()).isEqualTo(3);
    assertThat(connections.refused()).isEqualTo(2);
  }

  @Test
  void oneMachinesManyIpv6AddressesAreOneCaller() throws Exception {
    String one = Addresses.key(InetAddress.getByName("2001:db8:1:2::1"));

    assertThat(Addresses.key(InetAddress.getByName("2001:db8:1:2:ffff::9"))).isEqualTo(one);
    assertThat(Addresses.key(InetAddress.getByName("2001:db8:1:3::1"))).isNotEqualTo(one);
    assertThat(Addresses.key(InetAddress.getByName("10.0.0.1"))).isEqualTo("10.0.0.1");
  }
}
