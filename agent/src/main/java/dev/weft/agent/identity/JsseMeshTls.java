package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
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
 * <p>The expected SPIFFE ID travels as the engine's <em>peer host</em>, so that the trust manager
 * can refuse a wrong server inside the handshake, and the server gets a proper alert. The <em>peer
 * port</em> is no port: JSSE's cache keeps one session per host and port, so each connection gets a
 * number of its own, or that of an earlier one whose ticket has come.
 */
public final class JsseMeshTls implements MeshTls {
  private static final String ANY_PEER = "any identity of the trust domain";

  /** Sessions in JSSE's own cache, of all peers: some kilobytes each. */
  private static final int SESSIONS = 1024;

  private final InstantSource clock;
  private final PeerCheck check;
  private final BufferPool arrays = BufferPool.heap();
  private final SvidKeyManager keys;
  private final Epochs<Context> epochs;

  private record Context(SSLContext tls, Tickets<Integer> ports, AtomicInteger lastPort) {}

  /** Reads the store at each handshake. */
  public JsseMeshTls(IdentityStore identities) {
    this(identities, identities.clock());
  }

  JsseMeshTls(IdentityStore identities, InstantSource clock) {
    this.clock = clock;
    this.check = new PeerCheck(identities, clock);
    this.keys = new SvidKeyManager(identities);
    this.epochs = new Epochs<>(identities, clock, this::context, context -> {});
  }

  private Context context(Identity identity) {
    SSLContext tls = Jdk.tls();
    try {
      tls.init(new KeyManager[] {keys}, new TrustManager[] {new Trust()}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot prepare mesh TLS", e);
    }
    long left = Duration.between(clock.instant(), identity.notAfter()).toSeconds();
    int life = (int) Math.max(1, Math.min(left, Epochs.LONGEST.toSeconds()));
    tls.getServerSessionContext().setSessionTimeout(life);
    tls.getClientSessionContext().setSessionTimeout(life);
    tls.getServerSessionContext().setSessionCacheSize(SESSIONS);
    tls.getClientSessionContext().setSessionCacheSize(SESSIONS);
    return new Context(tls, new Tickets<>(port -> {}), new AtomicInteger());
  }

  @Override
  public MeshEngine client(@Nullable SpiffeId expected, InetSocketAddress remote)
      throws SSLException {
    Context context = epochs.current();
    String peer = expected == null ? ANY_PEER : expected.toString();
    Destination destination = new Destination(expected, remote);
    Integer port = context.ports.take(destination, clock.instant());
    SSLEngine engine =
        context.tls.createSSLEngine(peer, port == null ? context.lastPort.incrementAndGet() : port);
    engine.setUseClientMode(true);
    SSLParameters parameters = parameters();
    parameters.setServerNames(List.of());
    engine.setSSLParameters(parameters);
    return JsseEngine.client(engine, check, arrays, destination, context.ports);
  }

  @Override
  public MeshEngine server() throws SSLException {
    SSLEngine engine = epochs.current().tls.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = parameters();
    parameters.setNeedClientAuth(true);
    engine.setSSLParameters(parameters);
    return JsseEngine.server(engine, check, arrays);
  }

  private static SSLParameters parameters() {
    SSLParameters parameters =
        new SSLParameters(SUITES.toArray(new String[0]), new String[] {"TLSv1.3"});
    parameters.setApplicationProtocols(new String[] {ALPN});
    return parameters;
  }

  /** Checks peers inside full handshakes. */
  private final class Trust extends X509ExtendedTrustManager {

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      String expected = engine.getPeerHost();
      check.check(
          chain,
          ANY_PEER.equals(expected) ? null : SpiffeId.parse(expected),
          engine.getHandshakeApplicationProtocol());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      check.check(chain, null, engine.getHandshakeApplicationProtocol());
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
