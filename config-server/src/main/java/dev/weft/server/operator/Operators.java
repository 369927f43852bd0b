package dev.weft.server.operator;

import dev.weft.server.log.Log;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges operator tokens on behalf of a running server. A token that was made, or revoked, by a
 * command counts from the next request on: each request looks at the file's time stamp, which costs
 * a microsecond or two, and reads the file only after a change. Thread-safe.
 */
public final class Operators {
  private static final String BEARER = "Bearer ";
  private static final Pattern NAMED =
      Pattern.compile(Pattern.quote(Secrets.PREFIX) + "([0-9a-f]{8})\\.([0-9a-f]{32})");
  private static final Operator BOOTSTRAP = new Operator("bootstrap", Role.OPERATOR);
  private static final long FLUSH_SECONDS = 30;

  private final OperatorTokens tokens;
  private final Path file;
  private final String bootstrapHash;
  private final LastUse lastUse;
  private final InstantSource clock;
  private final Log log;
  private volatile Known known = new Known(Optional.empty(), Map.of());

  /** The tokens as of one state of the file; no stamp: there was none. */
  private record Known(Optional<Stamp> stamp, Map<String, OperatorGrant> byId) {}

  /** A write replaces the file, so that even two in one tick of its clock differ in the key. */
  private record Stamp(FileTime modified, long size, @Nullable Object key) {}

  /** The operators of a state folder. */
  public Operators(StateFolder state, SecureRandom random, InstantSource clock, Log log)
      throws IOException {
    this.tokens = new OperatorTokens(state, random, clock);
    this.file = state.path().resolve(OperatorTokens.FILE);
    this.bootstrapHash = Secrets.hash(BootstrapToken.in(state, random));
    this.lastUse = new LastUse(state, log);
    this.clock = clock;
    this.log = log;
    refresh();
  }

  /** Writes down now and then when tokens were used. */
  @SuppressWarnings("FutureReturnValueIgnored") // ends with the scheduler
  public void flushOn(ScheduledExecutorService scheduler) {
    scheduler.scheduleWithFixedDelay(
        lastUse::flush, FLUSH_SECONDS, FLUSH_SECONDS, TimeUnit.SECONDS);
  }

  /** Writes down when tokens were used. */
  public void flush() {
    lastUse.flush();
  }

  /** When tokens were last used, by id. */
  public Map<String, String> lastUsed() {
    return lastUse.byId();
  }

  /** The tokens themselves, to make and revoke. */
  public OperatorTokens tokens() {
    return tokens;
  }

  /**
   * Who shows this header.
   *
   * @param authorization {@code Bearer <token>}
   * @throws Refusal {@code operator-token} when it is missing or wrong, which cannot be told apart;
   *     {@code operator-token-revoked} or {@code operator-token-expired} to who knows the secret
   */
  public Operator authenticate(Optional<String> authorization) throws Refusal {
    String given =
        authorization
            .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(header -> header.substring(BEARER.length()).strip())
            .orElse("");
    Matcher named = NAMED.matcher(given);
    if (named.matches()) {
      return named(named.group(1), named.group(2));
    }
    if (!Secrets.same(bootstrapHash, Secrets.hash(given))) {
      throw refused(
          "operator-token",
          given.isEmpty()
              ? "This needs an operator token: Authorization: Bearer <token>."
              : "The operator token is wrong.");
    }
    return BOOTSTRAP;
  }

  private Operator named(String id, String secret) throws Refusal {
    OperatorGrant grant = refresh().byId().get(id);
    // An unknown id costs the same comparison as a wrong secret, and gets the same answer.
    String expected = grant == null ? Secrets.hash("") : grant.secretHash();
    if (!Secrets.same(expected, Secrets.hash(secret)) || grant == null) {
      throw refused("operator-token", "The operator token is wrong.");
    }
    Instant now = clock.instant();
    if (grant.revoked()) {
      throw refused("operator-token-revoked", "Operator token " + id + " was revoked.");
    }
    if (grant.expired(now)) {
      throw refused(
          "operator-token-expired",
          "Operator token " + id + " expired at " + grant.expires() + ".");
    }
    lastUse.used(id, now);
    return new Operator(grant.name(), grant.role());
  }

  private static Refusal refused(String code, String message) {
    return new Refusal(Kind.UNAUTHENTICATED, code, message);
  }

  private Known refresh() {
    Known before = known;
    Optional<Stamp> now = stamp();
    if (now.equals(before.stamp())) {
      return before;
    }
    try {
      Known read =
          new Known(
              now,
              tokens.list().stream()
                  .collect(
                      Collectors.toMap(
                          OperatorGrant::id, Function.identity(), (first, second) -> second)));
      known = read;
      return read;
    } catch (IOException e) {
      // Whoever damages the file must not thereby bring back a revoked token.
      log.error("named operator tokens are refused until this is repaired: " + e.getMessage());
      Known none = new Known(now, Map.of());
      known = none;
      return none;
    }
  }

  private Optional<Stamp> stamp() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      log.warn("operator tokens not looked at: " + e.getMessage());
      return known.stamp();
    }
  }
}
