package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Mesh TLS on the JDK's own provider, whatever the application installed or set as default.
 *
 * <p>One context serves all handshakes: its managers read the identity store each time. The
 * expected SPIFFE ID travels as the engine's <em>peer host</em>, so that the trust manager can
 * refuse a wrong server inside the handshake, and the server gets a proper alert.
 */
public final class JsseMeshTls implements MeshTls {
  private static final String ANY_PEER = "any identity of the trust domain";

  /** Above seven days (RFC 8446, 4.6.1) JSSE sends no session tickets at all. */
  private static final int NO_TICKETS_SECONDS = 8 * 24 * 3600;

  private final IdentityStore identities;
  private final InstantSource clock;
  private final SSLContext context;
  private final AtomicInteger engines = new AtomicInteger();

  /** Reads the store at each handshake. */
  public JsseMeshTls(IdentityStore identities) {
    this(identities, InstantSource.system());
  }

  JsseMeshTls(IdentityStore identities, InstantSource clock) {
    this.identities = identities;
    this.clock = clock;
    this.context = Jdk.tls();
    try {
      context.init(
          new KeyManager[] {new SvidKeyManager(identities)},
          new TrustManager[] {new PeerCheck()},
          null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot prepare mesh TLS", e);
    }
    context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
    context.getClientSessionContext().setSessionCacheSize(1);
  }

  @Override
  public SSLEngine client(@Nullable SpiffeId expected) throws SSLException {
    requireIdentity();
    String peer = expected == null ? ANY_PEER : expected.toString();
    // JSSE finds sessions to resume by host and port. A port that never comes twice keeps it from
    // resuming one even if a foreign server sends tickets: each connection proves both identities.
    SSLEngine engine = context.createSSLEngine(peer, engines.incrementAndGet());
    engine.setUseClientMode(true);
    SSLParameters parameters = parameters();
    parameters.setServerNames(List.of());
    engine.setSSLParameters(parameters);
    return engine;
  }

  @Override
  public SSLEngine server() throws SSLException {
    requireIdentity();
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = parameters();
    parameters.setNeedClientAuth(true);
    engine.setSSLParameters(parameters);
    return engine;
  }

  @Override
  public SpiffeId peer(SSLEngine engine) throws SSLException {
    try {
      return SvidCheck.spiffeId((X509Certificate) engine.getSession().getPeerCertificates()[0]);
    } catch (CertificateException e) {
      throw new SSLException("the peer proved no SPIFFE ID: " + e.getMessage(), e);
    }
  }

  private static SSLParameters parameters() {
    SSLParameters parameters =
        new SSLParameters(
            new String[] {
              "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
            },
            new String[] {"TLSv1.3"});
    parameters.setApplicationProtocols(new String[] {ALPN});
    return parameters;
  }

  private void requireIdentity() throws SSLException {
    Identity identity = identities.current();
    if (identity == null) {
      throw new SSLException("this workload has no mesh identity yet");
    }
    if (clock.instant().isAfter(identity.notAfter())) {
      throw new SSLException(
          "the certificate of this workload, "
              + identity.id()
              + ", expired at "
              + identity.notAfter()
              + " and was not renewed (this machine's clock says "
              + clock.instant()
              + ")");
    }
  }

  /** Checks peers against the bundle that is current now. */
  private final class PeerCheck extends X509ExtendedTrustManager {

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      String expected = engine.getPeerHost();
      SpiffeId found = check(chain, engine);
      if (!ANY_PEER.equals(expected) && !found.toString().equals(expected)) {
        throw new CertificateException("expected server " + expected + ", found " + found + us());
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      check(chain, engine);
    }

    private SpiffeId check(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
      Identity identity = identities.current();
      if (identity == null) {
        throw new CertificateException("this workload has no mesh identity yet");
      }
      SpiffeId peer;
      try {
        peer =
            SvidCheck.check(chain, identity.bundle(), identity.id().trustDomain(), clock.instant());
      } catch (CertificateException e) {
        throw new CertificateException(e.getMessage() + us(), e.getCause());
      }
      // JSSE goes on without ALPN when the other side offers or selects none.
      if (!ALPN.equals(engine.getHandshakeApplicationProtocol())) {
        throw new CertificateException(
            peer + " does not speak the mesh's ALPN protocol " + ALPN + us());
      }
      return peer;
    }

    private String us() {
      Identity identity = identities.current();
      return identity == null ? "" : "; we are " + identity.id();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0]; // keeps certificate requests short; the bundle decides anyway
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw onlyEngines();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw onlyEngines();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw onlyEngines();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw onlyEngines();
    }

    private CertificateException onlyEngines() {
      return new CertificateException("mesh TLS works on engines of this class only");
    }
  }
}
