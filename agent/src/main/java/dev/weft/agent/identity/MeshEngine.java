package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The TLS of one mesh connection. Beyond an {@link SSLEngine} it knows whom it must meet, holds
 * session tickets back until the application writes, and must be released. Its configuration is
 * fixed.
 *
 * <p>A server's engine reports the handshake as done when its tickets are all that is left to send:
 * they leave with the first application bytes (that {@code wrap} may consume nothing), so a client
 * that never reads is never sent any. Thread-safe as an {@code SSLEngine} is: one reader beside one
 * writer.
 */
public abstract class MeshEngine extends SSLEngine {

  MeshEngine() {}

  /**
   * The identity that the peer proves by the current bundle, trust domain and clock. To be asked at
   * the end of every handshake, before the first application byte: a resumed handshake checks
   * nothing by itself.
   *
   * @throws SSLException when the peer is not, or no longer, good enough; the connection must end
   */
  public abstract SpiffeId peer() throws SSLException;

  /** Which TLS this is, for people: {@code openssl} or {@code jsse}. */
  public abstract String provider();

  /** The handshake's key exchange, such as {@code X25519MLKEM768}; empty: not known. */
  public String group() {
    return "";
  }

  /**
   * Frees what the engine holds. Safe at any moment and any number of times, also while other
   * threads are inside: they, and later callers, get an {@link SSLException}.
   */
  public abstract void release();

  @Override
  public final String[] getSupportedCipherSuites() {
    return MeshTls.SUITES.toArray(new String[0]);
  }

  @Override
  public final String[] getEnabledCipherSuites() {
    return getSupportedCipherSuites();
  }

  @Override
  public final String[] getSupportedProtocols() {
    return new String[] {"TLSv1.3"};
  }

  @Override
  public final String[] getEnabledProtocols() {
    return getSupportedProtocols();
  }

  @Override
  public final void setEnabledCipherSuites(String[] suites) {
    throw fixed();
  }

  @Override
  public final void setEnabledProtocols(String[] protocols) {
    throw fixed();
  }

  @Override
  public final void setUseClientMode(boolean mode) {
    throw fixed();
  }

  @Override
  public final void setNeedClientAuth(boolean need) {
    throw fixed();
  }

  @Override
  public final boolean getNeedClientAuth() {
    return !getUseClientMode();
  }

  @Override
  public final void setWantClientAuth(boolean want) {
    throw fixed();
  }

  @Override
  public final boolean getWantClientAuth() {
    return false;
  }

  @Override
  public final void setEnableSessionCreation(boolean flag) {
    throw fixed();
  }

  @Override
  public final boolean getEnableSessionCreation() {
    return true;
  }

  private static UnsupportedOperationException fixed() {
    return new UnsupportedOperationException("mesh TLS cannot be configured");
  }
}
