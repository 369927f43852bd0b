package dev.weft.agent.control;

import dev.weft.agent.config.Settings;
import dev.weft.agent.identity.Enrolment;
import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.JoinToken;
import dev.weft.agent.log.Log;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gets certificates from the config server. Thread-safe. */
final class Enroller {
  private final Settings settings;
  private final ControlApi api;
  private final WorkloadDescription self;
  private final IdentityStore identities;
  private final InstantSource clock;
  private final Log log;

  /**
   * Begun and without a certificate yet; guarded by this. The answer to an attempt can get lost,
   * and a used token lets in nobody but the key that used it.
   */
  private @Nullable Enrolment pending;

  Enroller(
      Settings settings,
      ControlApi api,
      WorkloadDescription self,
      IdentityStore identities,
      InstantSource clock,
      Log log) {
    this.settings = settings;
    this.api = api;
    this.self = self;
    this.identities = identities;
    this.clock = clock;
    this.log = log;
  }

  /** Whether there is an identity that has not expired. */
  boolean hasIdentity() {
    Identity current = identities.current();
    return current != null && clock.instant().isBefore(current.notAfter());
  }

  /**
   * Returns once there is an identity that has not expired; enrols at {@code server} if need be.
   *
   * @throws RefusedException when only people can help
   * @throws IOException when trying again may help
   */
  void ensureIdentity(URI server) throws IOException, InterruptedException {
    if (hasIdentity()) {
      return;
    }
    Identity current = identities.current();
    if (settings.identityCert().isPresent()) {
      throw new IOException(
          current == null
              ? "the files of weft.identity.* hold no identity yet"
              : "the certificate in weft.identity.cert expired at " + current.notAfter());
    }
    JoinToken token = token();
    try {
      Enrolment enrolment = pending();
      Map<String, Object> answer =
          api.call(server, "/v1/enroll", self.enrolment(token.text(), enrolment.csr()));
      Identity identity = complete(enrolment, answer);
      Instant now = clock.instant();
      if (!now.isBefore(identity.notAfter())) {
        throw new RefusedException(
            ofAnotherTime(
                identity, " had expired at " + identity.notAfter() + " when it came", now));
      }
      if (now.isBefore(identity.notBefore())) {
        throw new IOException( // and the same key may try again with the same token
            ofAnotherTime(identity, " is valid only from " + identity.notBefore(), now));
      }
      completed();
      identities.publish(identity);
      log.info("identity enrolled " + identity);
    } catch (GeneralSecurityException e) {
      throw new IOException("enrolment failed: " + e.getMessage(), e);
    }
  }

  private static String ofAnotherTime(Identity identity, String validity, Instant now) {
    return "the certificate of "
        + identity.id()
        + validity
        + "; this machine's clock says "
        + now
        + "; compare the clocks of both machines";
  }

  /** The same identity with a new key and certificate, proven by the one we have. */
  Identity renew(Identity current, URI server)
      throws IOException, InterruptedException, GeneralSecurityException {
    Enrolment enrolment = Enrolment.begin(current.id());
    Map<String, Object> answer = api.call(server, "/v1/renew", Map.of("csr", enrolment.csr()));
    Identity renewed = complete(enrolment, answer);
    if (!renewed.id().equals(current.id())) {
      throw new GeneralSecurityException(
          "asked to renew " + current.id() + ", got a certificate of " + renewed.id());
    }
    return renewed;
  }

  private synchronized Enrolment pending() throws GeneralSecurityException {
    Enrolment begun = pending;
    if (begun == null) {
      begun = Enrolment.begin(null);
      pending = begun;
    }
    return begun;
  }

  private synchronized void completed() {
    pending = null;
  }

  private JoinToken token() throws IOException {
    try {
      JoinToken token = JoinToken.of(settings);
      if (token == null) {
        throw new RefusedException(
            "this workload has nothing to prove itself with: set weft.token, weft.token.file or"
                + " weft.identity.*");
      }
      return token;
    } catch (IllegalArgumentException e) {
      throw new RefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Identity complete(Enrolment enrolment, Map<String, Object> answer)
      throws GeneralSecurityException {
    return enrolment.complete(texts(answer, "certificate"), texts(answer, "bundle"));
  }

  private static List<String> texts(Map<String, Object> answer, String key)
      throws GeneralSecurityException {
    if (answer.get(key) instanceof List<?> list && !list.isEmpty()) {
      return list.stream().map(String::valueOf).toList();
    }
    throw new GeneralSecurityException("the config server's answer lacks \"" + key + "\"");
  }
}
