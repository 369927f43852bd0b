package dev.weft.server.http;

import dev.weft.server.log.Log;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Locale;
import java.util.Optional;

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
  public TlsProvider here(Log log) {
    Optional<String> problem = this == JSSE ? Optional.empty() : problem();
    if (problem.isPresent() && this == OPENSSL) {
      throw new IllegalArgumentException(
          "--tls-provider openssl: BoringSSL cannot be loaded: "
              + problem.get()
              + "; expected auto or jsse here");
    }
    problem.ifPresent(why -> log.info("tls provider=jsse, BoringSSL cannot be loaded: " + why));
    return this == JSSE || problem.isPresent() ? JSSE : OPENSSL;
  }

  private static Optional<String> problem() {
    Throwable cause = OpenSsl.unavailabilityCause();
    if (cause != null) {
      return Optional.of(String.valueOf(cause.getMessage()));
    }
    return SslProvider.isTlsv13Supported(SslProvider.OPENSSL_REFCNT)
        ? Optional.empty()
        : Optional.of("it lacks TLS 1.3");
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
