package dev.weft.server.enroll;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weft.policy.SpiffeId;
import dev.weft.policy.tree.Trees;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
 * The join tokens, one small file each in the state folder. Nothing is cached: a command may create
 * or revoke a token while the server runs, and it counts at once. Thread-safe.
 */
public final class JoinTokens {
  private static final String FOLDER = "tokens";
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");

  /** How long an expired token is kept, so that its users hear why it no longer works. */
  private static final Duration KEPT = Duration.ofDays(30);

  private final StateFolder state;
  private final SecureRandom random;
  private final InstantSource clock;

  /** The tokens of a state folder. */
  public JoinTokens(StateFolder state, SecureRandom random, InstantSource clock) {
    this.state = state;
    this.random = random;
    this.clock = clock;
  }

  /**
   * What a new token is for.
   *
   * @param labels the only value that the workload may have for each of these labels; a label
   *     {@code app} lets it have that one beside the service's
   * @param life how long it may be used
   * @param uses how many certificates it gives, at least 1
   */
  public record Order(
      String service,
      String namespace,
      String serviceAccount,
      Map<String, String> labels,
      Duration life,
      int uses) {

    /** Checks that an identity can be made of it. */
    public Order {
      if (service.isEmpty()) {
        throw new IllegalArgumentException("a token needs a service");
      }
      if (uses < 1) {
        throw new IllegalArgumentException("expected at least 1 use, found " + uses);
      }
      if (life.isNegative() || life.isZero()) {
        throw new IllegalArgumentException("expected a life above zero, found " + life);
      }
      labels = Map.copyOf(labels);
      SpiffeId checked = new SpiffeId("any", namespace, serviceAccount);
      if (checked.namespace().equals("weft")) {
        throw new IllegalArgumentException("namespace weft belongs to the config server itself");
      }
    }
  }

  /** Makes a token; this is the only time its secret can be seen. */
  public JoinToken create(Order order, String pin) throws IOException {
    byte[] secret = new byte[16];
    random.nextBytes(secret);
    String secretText = HexFormat.of().formatHex(secret);
    return state.locked(
        () -> {
          forgetOld();
          String id;
          do {
            id = HexFormat.of().toHexDigits(random.nextInt());
          } while (state.read(file(id)).isPresent());
          Instant now = clock.instant();
          save(
              new TokenGrant(
                  id,
                  hash(secretText),
                  order.service(),
                  order.namespace(),
                  order.serviceAccount(),
                  order.labels(),
                  now.toString(),
                  now.plus(order.life()).toString(),
                  order.uses(),
                  order.uses(),
                  false,
                  List.of()));
          return new JoinToken(id, secretText, pin);
        });
  }

  /** All tokens that are not long expired, by id. */
  public List<TokenGrant> list() throws IOException {
    List<TokenGrant> grants = new ArrayList<>();
    for (String name : state.names(FOLDER)) {
      if (name.endsWith(".json")) {
        load(name.substring(0, name.length() - ".json".length())).ifPresent(grants::add);
      }
    }
    return grants;
  }

  /** Withdraws a token; false when there is none of this id. */
  public boolean revoke(String id) throws IOException {
    return state.locked(
        () -> {
          Optional<TokenGrant> grant = load(id);
          if (grant.isPresent()) {
            save(grant.get().withdrawn());
          }
          return grant.isPresent();
        });
  }

  /**
   * What a token grants to whoever holds it; nothing is used up yet.
   *
   * @throws Refusal {@code token-wrong}, {@code token-revoked} or {@code token-expired}
   */
  public TokenGrant check(JoinToken token) throws IOException, Refusal {
    Optional<TokenGrant> grant = load(token.id());
    // An unknown id costs the same comparison as a wrong secret, and gets the same answer.
    byte[] expected = grant.map(TokenGrant::secretHash).orElse(hash("")).getBytes(UTF_8);
    if (!MessageDigest.isEqual(expected, hash(token.secret()).getBytes(UTF_8)) || grant.isEmpty()) {
      throw refused("token-wrong", "The join token is unknown, or its secret is wrong.");
    }
    requireValid(grant.get());
    return grant.get();
  }

  private void requireValid(TokenGrant grant) throws Refusal {
    if (grant.revoked()) {
      throw refused("token-revoked", "Join token " + grant.id() + " was revoked.");
    }
    if (!clock.instant().isBefore(Instant.parse(grant.expires()))) {
      throw refused(
          "token-expired", "Join token " + grant.id() + " expired at " + grant.expires() + ".");
    }
  }

  /**
   * Checks that a token has a use left for a key.
   *
   * @param key fingerprint of the key to be certified
   * @throws Refusal {@code token-used}
   */
  public void requireLeft(TokenGrant grant, String key) throws Refusal {
    if (grant.remaining() < 1 && !grant.keys().contains(key)) {
      throw refused(
          "token-used",
          "Join token " + grant.id() + " is used up: it was good for " + grant.uses() + " use(s).");
    }
  }

  /**
   * Uses a checked token once, durably, before anything is signed. A key that was certified with it
   * before is free: its agent asks again because an answer got lost.
   *
   * @throws Refusal as {@link #check} and {@link #requireLeft}, when somebody else was faster
   */
  public void use(TokenGrant checked, String key) throws IOException, Refusal {
    state.<Boolean, Refusal>locked(
        () -> {
          Optional<TokenGrant> now = load(checked.id());
          if (now.isEmpty()) {
            throw refused("token-revoked", "Join token " + checked.id() + " was removed.");
          }
          TokenGrant grant = now.get();
          requireValid(grant);
          requireLeft(grant, key);
          if (!grant.keys().contains(key)) {
            save(grant.usedFor(key));
          }
          return true;
        });
  }

  private void forgetOld() throws IOException {
    for (TokenGrant grant : list()) {
      if (Instant.parse(grant.expires()).plus(KEPT).isBefore(clock.instant())) {
        state.delete(file(grant.id()));
      }
    }
  }

  private Optional<TokenGrant> load(String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    Optional<byte[]> content = state.read(file(id));
    if (content.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.record(Json.object(content.get()), TokenGrant.class));
    } catch (Refusal e) {
      throw new IOException("token file " + file(id) + " is damaged: " + e.message(), e);
    }
  }

  private void save(TokenGrant grant) throws IOException {
    state.write(file(grant.id()), Json.bytes(Trees.toTree(grant)));
  }

  private static String file(String id) {
    return FOLDER + "/" + id + ".json";
  }

  private static Refusal refused(String code, String message) {
    return new Refusal(Kind.UNAUTHENTICATED, code, message);
  }

  private static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
