package dev.weft.server.authority;

import dev.weft.policy.SpiffeId;
import dev.weft.server.log.Log;
import java.net.Socket;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;
import org.jspecify.annotations.Nullable;

/**
 * The server's own identity: an SVID from its own authority that also carries the names under which
 * people reach the server. It renews itself at half life; handshakes take whatever is newest.
 * Thread-safe.
 */
public final class ServerCertificate extends X509ExtendedKeyManager {
  static final String NAMESPACE = "weft";
  static final String SERVICE_ACCOUNT = "config-server";

  private static final Duration RETRY = Duration.ofSeconds(30);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);

  /**
   * A certificate in use.
   *
   * @param alias different for each, because TLS asks for key and chain one after the other and
   *     must not get the one of the old and the other of the new
   */
  private record Generation(
      String alias, IssuedSvid svid, List<X509Certificate> presented, PrivateKey key) {}

  private record Generations(Generation current, @Nullable Generation previous) {}

  private final CertificateAuthority authority;
  private final SpiffeId spiffeId;
  private final List<GeneralName> names;
  private final Duration life;
  private final SecureRandom random;
  private final InstantSource clock;
  private final Log log;
  private volatile Generations generations;

  /**
   * Issues the first certificate.
   *
   * @param hosts DNS names and IP literals of this server
   * @param life of each certificate
   */
  public ServerCertificate(
      CertificateAuthority authority,
      String trustDomain,
      List<String> hosts,
      Duration life,
      SecureRandom random,
      InstantSource clock,
      Log log) {
    this.authority = authority;
    this.spiffeId = new SpiffeId(trustDomain, NAMESPACE, SERVICE_ACCOUNT);
    this.names = hosts.stream().map(ServerCertificate::name).toList();
    this.life = life;
    this.random = random;
    this.clock = clock;
    this.log = log;
    this.generations =
        new Generations(
            issue(
                authority,
                spiffeId,
                names,
                authority.life(life),
                CertificateAuthority.newKeyPair(random)),
            null);
  }

  private static GeneralName name(String host) {
    return new GeneralName(
        IPAddress.isValid(host) ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  private static Generation issue(
      CertificateAuthority authority,
      SpiffeId spiffeId,
      List<GeneralName> names,
      CertificateAuthority.Validity validity,
      KeyPair pair) {
    IssuedSvid svid = authority.issue(spiffeId, SERVICE_ACCOUNT, pair.getPublic(), validity, names);
    // An agent that only has the root's pin learns the root from the handshake.
    List<X509Certificate> presented = new ArrayList<>(svid.chain());
    presented.add(authority.root());
    String alias = svid.leaf().getSerialNumber().toString(16);
    return new Generation(alias, svid, List.copyOf(presented), pair.getPrivate());
  }

  /** Renews at half life, again and again, until the scheduler is shut down. */
  public void renewOn(ScheduledExecutorService scheduler) {
    Duration left = Duration.between(clock.instant(), notAfter());
    Duration half = (left.compareTo(life) < 0 ? left : life).dividedBy(2);
    Duration pause = half.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : half;
    var unused =
        scheduler.schedule(() -> renew(scheduler), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The clock was set: by its new time the certificate in use may be of the past or the future. */
  public void clockJumped() {
    succeed();
  }

  private void renew(ScheduledExecutorService scheduler) {
    try {
      succeed();
      renewOn(scheduler);
    } catch (RuntimeException e) {
      log.error("server certificate not renewed: " + e.getMessage());
      var unused =
          scheduler.schedule(() -> renew(scheduler), RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * The next certificate is good whenever the one in use is, too. When somebody has set the clock,
   * agents go by its time of before or by that of now, and whoever is right, none of them shall
   * take the server for a stranger.
   */
  private synchronized void succeed() {
    X509Certificate leaf = generations.current().svid().leaf();
    CertificateAuthority.Validity validity =
        authority
            .life(life)
            .and(
                new CertificateAuthority.Validity(
                    leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant()));
    generations =
        new Generations(
            issue(authority, spiffeId, names, validity, CertificateAuthority.newKeyPair(random)),
            generations.current());
    log.info("server certificate renewed not-after=" + notAfter());
  }

  /** The end of the certificate in use. */
  public Instant notAfter() {
    return generations.current().svid().notAfter();
  }

  /** Who the server is. */
  public SpiffeId spiffeId() {
    return spiffeId;
  }

  private Generation generation(String alias) {
    Generations seen = generations;
    Generation previous = seen.previous();
    return previous != null && previous.alias().equals(alias) ? previous : seen.current();
  }

  @Override
  public String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return generations.current().alias();
  }

  @Override
  public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
    return generations.current().alias();
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return generation(alias).presented().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return generation(alias).key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {generations.current().alias()};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}
