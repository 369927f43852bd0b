package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.netty.internal.tcnative.SSLCredential;
import io.netty.internal.tcnative.SSLSession;
import io.netty.internal.tcnative.SSLSessionCache;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One identity in BoringSSL: its key and chain, the keys of the tickets it hands out, the sessions
 * it may resume. Native memory, counted: whoever makes it owns it until {@link #release}, and each
 * engine shares it. Thread-safe.
 */
final class OpenSslContext {
  /** The hybrid first: what is recorded today shall not be read by a quantum computer later. */
  private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

  private static final int DEEPEST_CHAIN = 10;

  private final PeerCheck check;
  private final InstantSource clock;
  private final Identity identity;
  private final Map<Long, OpenSslEngine> engines = new ConcurrentHashMap<>();
  private final Tickets<Long> tickets = new Tickets<>(SSLSession::free);
  private long client;
  private long server;
  private int owners = 1;

  private OpenSslContext(Identity identity, PeerCheck check, InstantSource clock) {
    this.identity = identity;
    this.check = check;
    this.clock = clock;
  }

  /**
   * Hands key and chain to BoringSSL; the library must be there.
   *
   * @throws SSLException when BoringSSL does not take them
   */
  static OpenSslContext of(Identity identity, PeerCheck check, InstantSource clock)
      throws SSLException {
    OpenSslContext context = new OpenSslContext(identity, check, clock);
    try {
      context.make();
      return context;
    } catch (Exception e) {
      context.free();
      SSL.clearError(); // several reasons may be waiting, the message has the first
      throw new SSLException("BoringSSL does not take " + identity + ": " + e.getMessage(), e);
    }
  }

  private void make() throws Exception {
    long chain = 0;
    long key = 0;
    long credential = 0;
    try {
      chain = parse(chainPem(identity.chain()), SSL::parseX509Chain);
      key = parse(keyPem(identity), bio -> SSL.parsePrivateKey(bio, null));
      credential = SSLCredential.newX509();
      SSLCredential.setCertChain(credential, chain);
      SSLCredential.setPrivateKey(credential, key);
      client = context(SSL.SSL_MODE_CLIENT, credential);
      SSLContext.setSessionCacheMode(
          client,
          SSL.SSL_SESS_CACHE_CLIENT
              | SSL.SSL_SESS_CACHE_NO_INTERNAL_LOOKUP
              | SSL.SSL_SESS_CACHE_NO_INTERNAL_STORE);
      SSLContext.setSSLSessionCache(client, new Sessions());
      server = context(SSL.SSL_MODE_SERVER, credential);
      SSLContext.setSessionIdContext(server, MeshTls.ALPN.getBytes(StandardCharsets.US_ASCII));
    } finally {
      if (credential != 0) {
        SSLCredential.free(credential);
      }
      if (key != 0) {
        SSL.freePrivateKey(key);
      }
      if (chain != 0) {
        SSL.freeX509Chain(chain);
      }
    }
  }

  private long context(int mode, long credential) throws Exception {
    long context;
    synchronized (OpenSslContext.class) { // its memory comes from one pool for all
      context = SSLContext.make(SSL.SSL_PROTOCOL_TLSV1_3, mode);
    }
    if (mode == SSL.SSL_MODE_CLIENT) {
      client = context;
    } else {
      server = context;
    }
    if (!SSLContext.setCurvesList(context, GROUPS)) {
      throw new SSLException("it lacks one of the groups " + Arrays.toString(GROUPS));
    }
    SSLContext.setAlpnProtos(
        context, new String[] {MeshTls.ALPN}, SSL.SSL_SELECTOR_FAILURE_NO_ADVERTISE);
    SSLContext.setCertVerifyCallback(context, new Verifier());
    SSLContext.setVerify(context, SSL.SSL_CVERIFY_REQUIRED, DEEPEST_CHAIN);
    SSLContext.setUseTasks(context, true);
    SSLContext.setMode(
        context,
        SSLContext.getMode(context)
            | SSL.SSL_MODE_ENABLE_PARTIAL_WRITE
            | SSL.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSLContext.addCredential(context, credential);
    return context;
  }

  /** An engine in client mode; null: this context has been freed meanwhile. */
  @Nullable OpenSslEngine client(@Nullable SpiffeId expected, InetSocketAddress remote)
      throws SSLException {
    return retain() ? engine(client, new Destination(expected, remote)) : null;
  }

  /** An engine in server mode; null: this context has been freed meanwhile. */
  @Nullable OpenSslEngine server() throws SSLException {
    return retain() ? engine(server, null) : null;
  }

  private OpenSslEngine engine(long context, @Nullable Destination destination)
      throws SSLException {
    long ssl;
    try {
      ssl = SSL.newSSL(context, destination == null);
    } catch (Exception e) {
      release();
      throw new SSLException("BoringSSL makes no connection: " + e.getMessage(), e);
    }
    OpenSslEngine engine = new OpenSslEngine(this, ssl, destination);
    engines.put(ssl, engine);
    resume(ssl, destination);
    return engine;
  }

  private void resume(long ssl, @Nullable Destination destination) {
    Long session = destination == null ? null : tickets.take(destination, clock.instant());
    if (session != null) {
      SSL.setSession(ssl, session); // or it is a full handshake
      SSLSession.free(session);
    }
  }

  PeerCheck check() {
    return check;
  }

  Tickets<Long> tickets() {
    return tickets;
  }

  /** Until when a session that begins now may be resumed, as far as we are concerned. */
  Instant sessionsEnd() {
    Instant longest = clock.instant().plus(Epochs.LONGEST);
    return longest.isBefore(identity.notAfter()) ? longest : identity.notAfter();
  }

  /** The engine's native side is about to be freed. */
  void forget(long ssl) {
    engines.remove(ssl);
  }

  /** Itself, until it has been retired, and the engines that have not been released. */
  synchronized int owners() {
    return owners;
  }

  private synchronized boolean retain() {
    if (owners == 0) {
      return false;
    }
    owners++;
    return true;
  }

  /** Gives one share back; the last one frees all. */
  void release() {
    boolean last;
    synchronized (this) {
      last = --owners == 0;
    }
    if (last) {
      free();
    }
  }

  /** No new handshakes will come: what could be resumed is dropped. */
  void retire() {
    tickets.close();
    release();
  }

  private void free() {
    tickets.close();
    synchronized (OpenSslContext.class) {
      if (client != 0) {
        SSLContext.free(client);
      }
      if (server != 0) {
        SSLContext.free(server);
      }
    }
  }

  /** Asked inside full handshakes, on the thread that runs the engine's task. */
  private final class Verifier extends CertificateVerifier {
    @Override
    public int verify(long ssl, byte[][] chain, String algorithm) {
      OpenSslEngine engine = engines.get(ssl);
      return engine == null ? OpenSslPeer.UNFIT : engine.verify(chain);
    }
  }

  /** Told of the tickets that clients receive. */
  private final class Sessions implements SSLSessionCache {
    @Override
    public boolean sessionCreated(long ssl, long session) {
      OpenSslEngine engine = engines.get(ssl);
      return engine != null && engine.ticketReceived(session);
    }

    @Override
    public long getSession(long ssl, byte[] id) {
      return -1;
    }
  }

  private interface Parser {
    long parse(long bio) throws Exception;
  }

  private static long parse(byte[] pem, Parser parser) throws Exception {
    ByteBuffer copy = ByteBuffer.allocateDirect(pem.length).put(pem).flip();
    long bio = SSL.newMemBIO();
    try {
      SSL.bioWrite(bio, Buffer.address(copy), pem.length);
      return parser.parse(bio);
    } finally {
      SSL.freeBIO(bio);
      Arrays.fill(pem, (byte) 0); // one of them is the private key
      copy.clear().put(pem);
    }
  }

  private static byte[] chainPem(List<X509Certificate> chain) throws CertificateEncodingException {
    ByteBuffer all = ByteBuffer.allocate(1 << 17);
    for (X509Certificate certificate : chain) {
      all.put(pem("CERTIFICATE", certificate.getEncoded()));
    }
    return Arrays.copyOf(all.array(), all.position());
  }

  private static byte[] keyPem(Identity identity) throws SSLException {
    byte[] encoded = identity.key().getEncoded();
    if (encoded == null || !"PKCS#8".equals(identity.key().getFormat())) {
      throw new SSLException("the private key does not leave its provider");
    }
    return pem("PRIVATE KEY", encoded);
  }

  private static byte[] pem(String type, byte[] content) {
    byte[] begin = ("-----BEGIN " + type + "-----\n").getBytes(StandardCharsets.US_ASCII);
    byte[] end = ("\n-----END " + type + "-----\n").getBytes(StandardCharsets.US_ASCII);
    byte[] middle = Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(content);
    ByteBuffer all = ByteBuffer.allocate(begin.length + middle.length + end.length);
    all.put(begin).put(middle).put(end);
    Arrays.fill(middle, (byte) 0);
    return all.array();
  }
}
