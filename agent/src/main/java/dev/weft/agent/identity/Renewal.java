package dev.weft.agent.identity;

import dev.weft.agent.log.Log;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Renews an enrolled identity at half of its remaining life, give or take five percent, so that a
 * mesh which started at once does not renew at once. A failure is tried again after 1 s to 150 s
 * with full jitter, until the old certificate expires; until then the old one serves. So it is with
 * a new one that is not valid now, or is older than the old one. Connections are never dropped for
 * it. Confined to its thread.
 */
public final class Renewal implements Runnable {
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(150);
  private static final Duration LEAST_WAIT = Duration.ofMillis(100);

  private final IdentityStore identities;
  private final Source source;
  private final Pauses pauses;
  private final InstantSource clock;
  private final RandomGenerator dice;
  private final Log log;

  /** Gets a new certificate for a new key. */
  public interface Source {
    /** The renewed identity; any exception counts as a failure that may pass. */
    Identity renew(Identity current) throws Exception;
  }

  /** Renews what the store holds. */
  public Renewal(
      IdentityStore identities,
      Source source,
      Pauses pauses,
      InstantSource clock,
      RandomGenerator dice,
      Log log) {
    this.identities = identities;
    this.source = source;
    this.pauses = pauses;
    this.clock = clock;
    this.dice = dice;
    this.log = log;
  }

  /** Runs until interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        Identity current = identities.current();
        if (current == null || !clock.instant().isBefore(current.notAfter())) {
          pauses.pause(FIRST_RETRY); // enrolment is somebody else's work
          continue;
        }
        pauses.pause(untilHalfLife(current));
        renew(current);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Counted from now, which is when the certificate came, not from its notBefore: that is
   * back-dated, and clocks differ.
   */
  private Duration untilHalfLife(Identity identity) {
    Duration left = Duration.between(clock.instant(), identity.notAfter());
    double share = 0.45 + 0.1 * dice.nextDouble();
    Duration wait = Duration.ofMillis((long) (left.toMillis() * share));
    return wait.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : wait;
  }

  private void renew(Identity current) throws InterruptedException {
    Duration limit = FIRST_RETRY;
    boolean told = false;
    while (isLatest(current)) {
      try {
        Identity renewed = source.renew(current);
        requireBetter(renewed, current);
        identities.publish(renewed);
        log.info("identity renewed " + renewed);
        return;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (!told) {
          log.warn(
              "identity renewal failed, trying again; "
                  + current
                  + " stays in use: "
                  + e.getMessage());
          told = true;
        }
        if (!clock.instant().isBefore(current.notAfter())) {
          log.error("identity expired at " + current.notAfter() + ": " + e.getMessage());
          return;
        }
        long millis = (long) (limit.toMillis() * dice.nextDouble());
        pauses.pause(Duration.ofMillis(Math.max(millis, LEAST_WAIT.toMillis())));
        limit =
            limit.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : limit.multipliedBy(2);
      }
    }
  }

  /**
   * A server whose clock is wrong makes certificates of another time: no peer would take one, while
   * the old one works. What begins and ends before the old one is of a clock that was set back.
   */
  private void requireBetter(Identity renewed, Identity current) throws CertificateException {
    Instant now = clock.instant();
    boolean ofThePast =
        !now.isBefore(renewed.notAfter())
            || (renewed.notBefore().isBefore(current.notBefore())
                && renewed.notAfter().isBefore(current.notAfter()));
    if (ofThePast || now.isBefore(renewed.notBefore())) {
      throw new CertificateException(
          "the new certificate is of "
              + (ofThePast ? "the past" : "the future")
              + ", valid from "
              + renewed.notBefore()
              + " until "
              + renewed.notAfter()
              + ", and this machine's clock says "
              + now
              + "; compare the clocks of both machines");
    }
  }

  /** False once somebody enrolled anew. */
  private boolean isLatest(Identity identity) {
    Identity now = identities.current();
    return now != null && now.leaf().equals(identity.leaf());
  }
}
