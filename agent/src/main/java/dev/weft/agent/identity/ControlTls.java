package dev.weft.agent.identity;

import dev.weft.agent.config.Settings;
import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS to the config server. Before there is an identity the server must chain to the pinned root of
 * the join token or to {@code weft.server.ca.file}; afterwards to the trust bundle. In both cases
 * its leaf must carry the config server's SPIFFE ID, and that is the check: host names play no
 * part. Presents the SVID as soon as there is one. Thread-safe.
 */
public final class ControlTls {
  private static final String SERVER_NAMESPACE = "weft";
  private static final String SERVER_ACCOUNT = "config-server";

  private final IdentityStore identities;
  private final Settings settings;
  private final InstantSource clock;
  private final X509ExtendedTrustManager trust = new ServerCheck();

  /** Reads the store, and before the first identity the settings' files, at each handshake. */
  public ControlTls(IdentityStore identities, Settings settings) {
    this(identities, settings, identities.clock());
  }

  ControlTls(IdentityStore identities, Settings settings, InstantSource clock) {
    this.identities = identities;
    this.settings = settings;
    this.clock = clock;
  }

  /** The server that a handshake met is not the one we were told to trust: no retry will help. */
  public static final class UntrustedServerException extends CertificateException {
    private static final long serialVersionUID = 1;

    UntrustedServerException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A new context. Make one for each client and each identity: a resumed session would carry the
   * identity, or the lack of one, with which it began.
   */
  public SSLContext sslContext() {
    SSLContext context = Jdk.tls();
    try {
      context.init(
          new KeyManager[] {new SvidKeyManager(identities)}, new TrustManager[] {trust}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot prepare TLS to the config server", e);
    }
    context.getClientSessionContext().setSessionTimeout(1);
    return context;
  }

  /** TLS 1.3 only. */
  public SSLParameters sslParameters() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    return parameters;
  }

  /** What decides about the server, for libraries that ask for it beside the context. */
  public X509ExtendedTrustManager trustManager() {
    return trust;
  }

  private void checkServer(X509Certificate @Nullable [] chain) throws CertificateException {
    Identity identity = identities.current();
    if (identity != null && clock.instant().isAfter(identity.notAfter())) {
      identity = null; // as before enrolment: the token or the file must say whom to trust
    }
    try {
      SpiffeId server =
          SvidCheck.check(
              chain,
              identity != null
                  ? identity.bundle()
                  : pinned(chain == null ? new X509Certificate[0] : chain),
              identity != null ? identity.id().trustDomain() : null,
              clock.instant());
      if (!server.namespace().equals(SERVER_NAMESPACE)
          || !server.serviceAccount().equals(SERVER_ACCOUNT)) {
        throw new CertificateException(
            "expected the config server spiffe://"
                + server.trustDomain()
                + "/ns/weft/sa/config-server, found "
                + server);
      }
    } catch (UntrustedServerException e) {
      throw e;
    } catch (CertificateException e) {
      throw new UntrustedServerException(
          "the config server is not to be trusted: " + e.getMessage(), e.getCause());
    }
  }

  /** The roots that the settings name. */
  private List<X509Certificate> pinned(X509Certificate @Nullable [] chain)
      throws CertificateException {
    try {
      if (settings.serverCaFile().isPresent()) {
        Path file = settings.serverCaFile().get();
        return Pem.certificates(Files.readString(file));
      }
      JoinToken token = JoinToken.of(settings);
      if (token == null || token.pin().isEmpty()) {
        throw new UntrustedServerException(
            "nothing says which config server to trust: set weft.server.ca.file, or use a join"
                + " token of weft token create, which carries a pin",
            null);
      }
      return pinned(chain == null ? List.of() : List.of(chain), token.pin().get());
    } catch (IOException | IllegalArgumentException e) {
      throw new UntrustedServerException(
          "cannot tell which config server to trust: " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> pinned(List<X509Certificate> chain, byte[] pin)
      throws CertificateException {
    List<String> found = new ArrayList<>();
    for (X509Certificate certificate : chain) {
      byte[] hash = sha256(certificate.getEncoded());
      if (Arrays.equals(hash, pin)) {
        return List.of(certificate);
      }
      found.add(base64(hash));
    }
    throw new UntrustedServerException(
        "the config server does not match the join token's pin: expected a root with pin "
            + base64(pin)
            + ", found a chain with pins "
            + found
            + "; is the token from another mesh?",
        null);
  }

  private static String base64(byte[] hash) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private final class ServerCheck extends X509ExtendedTrustManager {

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      checkServer(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      checkServer(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      checkServer(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      throw onlyClient();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw onlyClient();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw onlyClient();
    }

    private CertificateException onlyClient() {
      return new CertificateException("agents are no servers to the config server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
