package dev.weft.server.http;

import dev.weft.server.authority.ServerCertificate;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.io.IOException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLException;

/** TLS 1.3 as the config server speaks it, by either provider. */
final class ServerTls {
  private ServerTls() {}

  /**
   * A context that asks clients for a certificate without insisting, and shows the newest of its
   * own. With BoringSSL it owns native memory: release it.
   *
   * @param provider not {@link TlsProvider#AUTO}
   */
  static SslContext context(ServerCertificate certificate, TlsProvider provider)
      throws IOException {
    KeyManagerFactory keys = new Keys(certificate);
    try {
      return SslContextBuilder.forServer(
              // BoringSSL gets key and chain as native memory: once for each certificate, which the
              // alias tells apart, not once for each handshake.
              provider == TlsProvider.OPENSSL
                  ? new OpenSslCachingX509KeyManagerFactory(keys)
                  : keys)
          .sslProvider(provider.netty())
          .protocols("TLSv1.3")
          .clientAuth(ClientAuth.OPTIONAL)
          .trustManager(new AnyClientCertificate())
          .build();
    } catch (SSLException e) {
      throw new IOException("no TLS 1.3: " + e.getMessage(), e);
    }
  }

  /** Netty takes no other form of a key manager that changes. */
  private static final class Keys extends SimpleKeyManagerFactory {
    private final ServerCertificate certificate;

    Keys(ServerCertificate certificate) {
      this.certificate = certificate;
    }

    @Override
    protected void engineInit(KeyStore store, char[] password) {
      // It has its key.
    }

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {
      // It has its key.
    }

    @Override
    protected KeyManager[] engineGetKeyManagers() {
      return new KeyManager[] {certificate};
    }
  }
}
