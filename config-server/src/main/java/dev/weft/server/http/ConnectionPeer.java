package dev.weft.server.http;

import dev.weft.server.authority.Svid;
import dev.weft.server.authority.SvidVerifier;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.time.ServerClock;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection: judged once, by the time of day, and then for as long as
 * the certificate had to live, whatever becomes of the clock. Confined to its event loop.
 */
final class ConnectionPeer {
  private final SvidVerifier verifier;
  private final String trustDomain;
  private final ServerClock clock;
  private @Nullable Svid verified;
  private long end;

  ConnectionPeer(SvidVerifier verifier, String trustDomain, ServerClock clock) {
    this.verifier = verifier;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /** The peer's identity; the chain is judged once, its end on every call. */
  Svid svid(Channel channel) throws Refusal {
    Svid known = verified;
    if (known == null) {
      // One signature check per connection, some hundred microseconds: cheaper than a hop.
      known = verifier.verify(chain(channel), trustDomain, clock.instant());
      verified = known;
      end = clock.nanosAt(known.notAfter());
    }
    if (clock.nanos() - end >= 0) {
      throw SvidVerifier.expired(known.spiffeId(), known.notAfter(), clock.instant());
    }
    return known;
  }

  private static List<X509Certificate> chain(Channel channel) throws Refusal {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    List<X509Certificate> chain = new ArrayList<>();
    if (tls != null) {
      try {
        for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
          if (certificate instanceof X509Certificate x509) {
            chain.add(x509);
          }
        }
      } catch (SSLPeerUnverifiedException e) {
        // It showed none.
      }
    }
    if (chain.isEmpty()) {
      throw Request.noCertificate();
    }
    return chain;
  }
}
