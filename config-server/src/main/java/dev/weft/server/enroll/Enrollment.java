package dev.weft.server.enroll;

import dev.weft.policy.SpiffeId;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.CertificateRequest;
import dev.weft.server.authority.IssuedSvid;
import dev.weft.server.authority.Pem;
import dev.weft.server.authority.Svid;
import dev.weft.server.authority.SvidVerifier;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.EnrollRequest;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.protocol.RenewRequest;
import dev.weft.server.time.ServerClock;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Gives certificates: the first one for a join token, every further one for the one before. The
 * identity comes from the token or the presented certificate, never from the request. Thread-safe;
 * blocks on disk and signing.
 */
public final class Enrollment {
  private final CertificateAuthority authority;
  private final SvidVerifier verifier;
  private final JoinTokens tokens;
  private final Grants grants;
  private final String trustDomain;
  private final Duration svidLife;
  private final FailedTries failedTries;
  private final Log log;
  private final LongAdder issued = new LongAdder();
  private final LongAdder renewed = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * Issues certificates that live for {@code svidLife}.
   *
   * @param verifier judges them when they come back; trusts the authority's root
   */
  public Enrollment(
      CertificateAuthority authority,
      SvidVerifier verifier,
      JoinTokens tokens,
      Grants grants,
      String trustDomain,
      Duration svidLife,
      ServerClock clock,
      Log log) {
    this.authority = authority;
    this.verifier = verifier;
    this.tokens = tokens;
    this.grants = grants;
    this.trustDomain = trustDomain;
    this.svidLife = svidLife;
    this.failedTries = new FailedTries(clock::nanos);
    this.log = log;
  }

  /** The answer to {@code POST /v1/enroll}. */
  public Map<String, Object> enroll(EnrollRequest request, String address)
      throws IOException, Refusal {
    failedTries.requireNoPause(address);
    try {
      // Only who has a good token gets further than a comparison of hashes.
      TokenGrant grant = tokens.check(JoinToken.parse(request.token()));
      CertificateRequest csr = CertificateRequest.parse(request.csr());
      tokens.requireLeft(grant, csr.keyFingerprint());
      SpiffeId id = grant.spiffeId(trustDomain);
      String service = request.workload().service();
      if (!service.isEmpty() && !service.equals(grant.service())) {
        throw new Refusal(
            Kind.FORBIDDEN,
            "token-service",
            "Join token "
                + grant.id()
                + " is for service "
                + grant.service()
                + ", not for "
                + service
                + ".");
      }
      requireSameIdentity(csr, id, "join token " + grant.id() + " grants");
      tokens.use(grant, csr.keyFingerprint());
      grants.add(id, grant);
      IssuedSvid svid = authority.issue(id, grant.service(), csr.key(), svidLife);
      issued.increment();
      log.info(
          "enrolled id="
              + id
              + " service="
              + grant.service()
              + " token="
              + grant.id()
              + " from="
              + address
              + " not-after="
              + svid.notAfter());
      return answer(svid);
    } catch (Refusal refusal) {
      refused.increment();
      failedTries.count(address);
      log.warn(
          "enrolment refused from="
              + address
              + " code="
              + refusal.code()
              + ": "
              + refusal.message());
      throw refusal;
    }
  }

  /** The answer to {@code POST /v1/renew}. */
  public Map<String, Object> renew(RenewRequest request, Svid peer, String address) throws Refusal {
    try {
      CertificateRequest csr = CertificateRequest.parse(request.csr());
      SpiffeId id = peer.spiffeId();
      requireSameIdentity(csr, id, "the presented certificate proves");
      IssuedSvid svid = authority.issue(id, id.serviceAccount(), csr.key(), svidLife);
      issued.increment();
      renewed.increment();
      log.info("renewed id=" + id + " from=" + address + " not-after=" + svid.notAfter());
      return answer(svid);
    } catch (Refusal refusal) {
      refused.increment();
      throw refusal;
    }
  }

  private static void requireSameIdentity(CertificateRequest csr, SpiffeId granted, String source)
      throws Refusal {
    List<String> others =
        csr.uriNames().stream().filter(name -> !name.equals(granted.toString())).toList();
    if (!others.isEmpty()) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "csr-identity",
          "The certificate request asks for "
              + String.join(", ", others)
              + ", but "
              + source
              + " "
              + granted
              + ".");
    }
  }

  private Map<String, Object> answer(IssuedSvid svid) {
    verifier.vouch(svid);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("certificate", svid.chain().stream().map(Pem::of).toList());
    answer.put("bundle", authority.bundlePem());
    answer.put("spiffeId", svid.spiffeId().toString());
    answer.put("trustDomain", trustDomain);
    answer.put("notAfter", svid.notAfter().toString());
    return answer;
  }

  /** What the identities that enrolled may register as. */
  public Grants grants() {
    return grants;
  }

  /** Certificates given since the start. */
  public long issued() {
    return issued.sum();
  }

  /** How many of them for an older one. */
  public long renewed() {
    return renewed.sum();
  }

  /** Requests refused since the start. */
  public long refused() {
    return refused.sum();
  }
}
