package dev.weft.agent.identity;

import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/** What BoringSSL has agreed on with a peer, to look at. Immutable. */
record OpenSslSession(String protocol, String suite, List<X509Certificate> chain)
    implements SSLSession {
  static final OpenSslSession NONE =
      new OpenSslSession("NONE", "SSL_NULL_WITH_NULL_NULL", List.of());

  @Override
  public String getProtocol() {
    return protocol;
  }

  @Override
  public String getCipherSuite() {
    return suite;
  }

  @Override
  public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
    if (chain.isEmpty()) {
      throw new SSLPeerUnverifiedException("the peer has proved nothing yet");
    }
    return chain.toArray(new Certificate[0]);
  }

  @Override
  public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
    return ((X509Certificate) getPeerCertificates()[0]).getSubjectX500Principal();
  }

  @Override
  public Certificate @Nullable [] getLocalCertificates() {
    return null;
  }

  @Override
  public @Nullable Principal getLocalPrincipal() {
    return null;
  }

  @Override
  public boolean isValid() {
    return !chain.isEmpty();
  }

  @Override
  public int getPacketBufferSize() {
    return 16_709;
  }

  @Override
  public int getApplicationBufferSize() {
    return 16_384;
  }

  @Override
  public byte[] getId() {
    return new byte[0];
  }

  @Override
  public @Nullable SSLSessionContext getSessionContext() {
    return null;
  }

  @Override
  public long getCreationTime() {
    return 0;
  }

  @Override
  public long getLastAccessedTime() {
    return 0;
  }

  @Override
  public void invalidate() {}

  @Override
  public void putValue(String name, Object value) {
    throw new UnsupportedOperationException("a mesh session keeps nothing for others");
  }

  @Override
  public @Nullable Object getValue(String name) {
    return null;
  }

  @Override
  public void removeValue(String name) {}

  @Override
  public String[] getValueNames() {
    return new String[0];
  }

  @Override
  public @Nullable String getPeerHost() {
    return null;
  }

  @Override
  public int getPeerPort() {
    return -1;
  }
}
