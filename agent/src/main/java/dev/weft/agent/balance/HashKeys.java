package dev.weft.agent.balance;

import dev.weft.policy.Call;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.QueryString;
import dev.weft.policy.TrafficPolicy.HashKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What of a request is hashed. Stateless. */
final class HashKeys {
  private HashKeys() {}

  /**
   * A request's hash.
   *
   * @param cookie that was made for it; null: none
   */
  record Hashed(long hash, @Nullable HeaderEdit cookie) {}

  /** A request that lacks what is hashed goes anywhere, unless a cookie is to be made for it. */
  static Hashed of(@Nullable HashKey key, Call call, Self self, RandomGenerator dice) {
    String value = key == null ? null : value(key, call, self);
    if (value != null) {
      return new Hashed(Hash.of(value), null);
    }
    if (key == null || key.cookieTtl().isEmpty()) {
      return new Hashed(dice.nextLong(), null);
    }
    String made = hex(dice.nextLong()) + hex(dice.nextLong());
    Optional<Duration> age = key.cookieTtl().filter(ttl -> !ttl.isZero());
    return new Hashed(
        Hash.of(made),
        Cookies.set(call, key.name(), made, age.orElse(null), key.cookiePath().orElse("")));
  }

  private static @Nullable String value(HashKey key, Call call, Self self) {
    return switch (key.source()) {
      case HEADER -> {
        List<String> values = call.header(key.name());
        yield values.isEmpty() ? null : String.join(",", values);
      }
      case COOKIE -> Cookies.value(call, key.name());
      case QUERY -> {
        int query = call.pathAndQuery().indexOf('?');
        yield query < 0 ? null : QueryString.parameter(call.pathAndQuery(), query + 1, key.name());
      }
      case SOURCE -> self.source();
    };
  }

  private static String hex(long number) {
    return String.format("%016x", number);
  }
}
