package dev.weft.benchmarks.wire.app;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS as a Netty application does it. Immutable.
 *
 * @param context null: plaintext
 */
record NettyTls(@Nullable SslContext context) {
  static NettyTls server(Transport transport, Certificates own) throws SSLException {
    if (transport == Transport.PLAIN) {
      return new NettyTls(null);
    }
    return of(
        transport,
        SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile())
            .clientAuth(ClientAuth.REQUIRE),
        own);
  }

  static NettyTls client(Transport transport, Certificates own) throws SSLException {
    if (transport == Transport.PLAIN) {
      return new NettyTls(null);
    }
    return of(
        transport,
        SslContextBuilder.forClient().keyManager(own.chain().toFile(), own.key().toFile()),
        own);
  }

  private static NettyTls of(Transport transport, SslContextBuilder builder, Certificates own)
      throws SSLException {
    builder
        .trustManager(own.authorities().toFile())
        .protocols("TLSv1.3")
        .ciphers(List.of("TLS_AES_128_GCM_SHA256"));
    if (transport == Transport.BORINGSSL) {
      builder
          .sslProvider(SslProvider.OPENSSL)
          .option(OpenSslContextOption.GROUPS, new String[] {"X25519"});
    } else {
      builder.sslProvider(SslProvider.JDK);
    }
    return new NettyTls(builder.build());
  }

  /** On the server's side of a connection. */
  void secure(ChannelPipeline pipeline) {
    if (context != null) {
      pipeline.addLast(context.newHandler(pipeline.channel().alloc()));
    }
  }

  /** On the client's side: the server's name is checked, and sessions may be resumed by it. */
  void secure(Channel channel, String host, int port) {
    if (context != null) {
      channel.pipeline().addLast(context.newHandler(channel.alloc(), host, port));
    }
  }
}
