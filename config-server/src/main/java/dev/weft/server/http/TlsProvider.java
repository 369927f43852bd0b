package dev.weft.server.http;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Locale;

/** Whose TLS the server speaks. The names are those of the agent's {@code weft.tls.provider}. */
public enum TlsProvider {
  /** {@link #OPENSSL} where its native library loads, else {@link #JSSE}. */
  AUTO,
  /** BoringSSL: a handshake costs a fraction of what it costs the JDK. */
  OPENSSL,
  /** The JDK's own. */
  JSSE;

  /**
   * The one to use here; never {@link #AUTO}. Loads the native library if it may be wanted.
   *
   * @throws IllegalArgumentException saying why, when {@link #OPENSSL} cannot be had
   */
  public TlsProvider here() {
    if (this == JSSE) {
      return JSSE;
    }
    if (OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL_REFCNT)) {
      return OPENSSL;
    }
    if (this == OPENSSL) {
      throw new IllegalArgumentException(
          "--tls-provider openssl: BoringSSL cannot be loaded: "
              + problem()
              + "; expected auto or jsse here");
    }
    return JSSE;
  }

  private static String problem() {
    Throwable cause = OpenSsl.unavailabilityCause();
    return cause == null ? "it lacks TLS 1.3" : String.valueOf(cause.getMessage());
  }

  SslProvider netty() {
    return this == OPENSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }

  /** For people and logs: {@code openssl BoringSSL}, or {@code jsse}. */
  public String title() {
    String name = name().toLowerCase(Locale.ROOT);
    return this == OPENSSL ? name + " " + OpenSsl.versionString() : name;
  }
}
