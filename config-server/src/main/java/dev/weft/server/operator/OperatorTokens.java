package dev.weft.server.operator;

import dev.weft.policy.tree.Trees;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The named operator tokens of a state folder, all in one small file, so that a running server sees
 * by its time stamp that a command has changed it. Thread-safe; several processes may work on it.
 */
public final class OperatorTokens {
  static final String FILE = "operators.json";

  /** How long an expired or revoked token is kept, so that its users hear why it is refused. */
  private static final Duration KEPT = Duration.ofDays(30);

  private static final int MOST = 1_000;
  private static final Duration LONGEST = Duration.ofDays(3_650);
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");

  private final StateFolder state;
  private final SecureRandom random;
  private final InstantSource clock;

  /** The tokens of a state folder. */
  public OperatorTokens(StateFolder state, SecureRandom random, InstantSource clock) {
    this.state = state;
    this.random = random;
    this.clock = clock;
  }

  /** What the file holds. */
  record Content(List<OperatorGrant> tokens) {}

  /**
   * What a new token is for.
   *
   * @param name for logs and lists: lower case letters, digits, dots and dashes
   * @param life how long it may be used, at most ten years
   */
  public record Order(String name, Role role, Duration life) {
    /** Checks that the name can stand in a line of the log. */
    public Order {
      if (!NAME.matcher(name).matches() || name.equals("bootstrap")) {
        throw new IllegalArgumentException(
            "name: expected at most 63 lower case letters, digits, dots and dashes, and not"
                + " bootstrap, found \""
                + name
                + "\"");
      }
      if (life.isNegative() || life.isZero() || life.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "ttl: expected more than zero and at most 3650 days, found " + life);
      }
    }
  }

  /** A new token: its text can be seen this once. */
  public record Created(OperatorGrant grant, String text) {}

  /**
   * Makes a token.
   *
   * @throws Refusal {@code name-taken} while another good token has the name, {@code
   *     too-many-tokens} when there are a thousand
   */
  public Created create(Order order) throws IOException, Refusal {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    String secret = HexFormat.of().formatHex(bytes);
    return state.<Created, Refusal>locked(
        () -> {
          Instant now = clock.instant();
          List<OperatorGrant> all = new ArrayList<>(list());
          all.removeIf(known -> Instant.parse(known.expires()).plus(KEPT).isBefore(now));
          for (OperatorGrant known : all) {
            if (known.name().equals(order.name()) && known.state(now).equals("valid")) {
              throw new Refusal(
                  Kind.CONFLICT,
                  "name-taken",
                  "Operator token " + known.id() + " has the name " + order.name() + " already.");
            }
          }
          if (all.size() >= MOST) {
            throw new Refusal(
                Kind.CONFLICT,
                "too-many-tokens",
                "There are " + MOST + " operator tokens already.");
          }
          String id = HexFormat.of().toHexDigits(random.nextInt());
          OperatorGrant grant =
              new OperatorGrant(
                  id,
                  order.name(),
                  order.role(),
                  Secrets.hash(secret),
                  now.toString(),
                  now.plus(order.life()).toString(),
                  false);
          all.removeIf(known -> known.id().equals(id));
          all.add(grant);
          save(all);
          return new Created(grant, Secrets.PREFIX + id + "." + secret);
        });
  }

  /** All tokens that are not long expired, oldest first. */
  public List<OperatorGrant> list() throws IOException {
    Optional<byte[]> content = state.read(FILE);
    if (content.isEmpty()) {
      return List.of();
    }
    try {
      return Json.record(Json.object(content.get()), Content.class).tokens();
    } catch (Refusal e) {
      throw new IOException(FILE + " is damaged: " + e.message(), e);
    }
  }

  /** Withdraws a token by id, or the good one of a name; false when there is none. */
  public boolean revoke(String idOrName) throws IOException {
    return state.locked(
        () -> {
          List<OperatorGrant> all = new ArrayList<>(list());
          boolean found = false;
          for (int i = 0; i < all.size(); i++) {
            OperatorGrant known = all.get(i);
            if (known.id().equals(idOrName)
                || (known.name().equals(idOrName)
                    && known.state(clock.instant()).equals("valid"))) {
              all.set(i, known.withdrawn());
              found = true;
            }
          }
          if (found) {
            save(all);
          }
          return found;
        });
  }

  /** When tokens were last used, by id, as far as the server has written it down. */
  public Map<String, String> lastUsed() throws IOException {
    return LastUse.read(state);
  }

  private void save(List<OperatorGrant> all) throws IOException {
    state.write(FILE, Json.bytes(Trees.toTree(new Content(List.copyOf(all)))));
  }
}
