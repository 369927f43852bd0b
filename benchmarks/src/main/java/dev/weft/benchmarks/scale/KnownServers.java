package dev.weft.benchmarks.scale;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts what leads to a root, and verifies each leaf only once: it is one server, and each of
 * thousands of agents would do it on a machine of its own. Thread-safe.
 */
final class KnownServers implements X509TrustManager {
  private final X509TrustManager verifying;
  private final Set<ByteBuffer> known = ConcurrentHashMap.newKeySet();

  KnownServers(X509Certificate root) throws IOException {
    try {
      KeyStore roots = KeyStore.getInstance("PKCS12");
      roots.load(null, null);
      roots.setCertificateEntry("root", root);
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(roots);
      verifying = (X509TrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new IOException("no trust in " + root.getSubjectX500Principal(), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    ByteBuffer leaf = ByteBuffer.wrap(chain[0].getEncoded());
    if (!known.contains(leaf)) {
      verifying.checkServerTrusted(chain, type);
      known.add(leaf);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("this is a client");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return verifying.getAcceptedIssuers();
  }
}
