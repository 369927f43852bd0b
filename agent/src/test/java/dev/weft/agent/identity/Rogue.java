package dev.weft.agent.identity;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** Engines of the JDK that trust everybody and do not keep to the mesh's rules. */
final class Rogue {
  private Rogue() {}

  /** A client that presents the store's identity, or none if it is empty. */
  static SSLEngine client(IdentityStore identities, Consumer<SSLParameters> change)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new SvidKeyManager(identities)},
        new TrustManager[] {new TlsProvider.Trusting()},
        null);
    SSLEngine engine = context.createSSLEngine("rogue", 1);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of());
    parameters.setApplicationProtocols(new String[] {MeshTls.ALPN});
    change.accept(parameters);
    engine.setSSLParameters(parameters);
    return engine;
  }
}
