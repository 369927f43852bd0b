package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/** An implementation of {@link MeshTls} that must pass every test of engines. */
public record TlsProvider(
    String name, BiFunction<IdentityStore, InstantSource, MeshTls> implementation) {

  /** Every implementation that runs here: a new one is added in this place only. */
  public static List<TlsProvider> all() {
    return List.of(
        new TlsProvider("JSSE", JsseMeshTls::new),
        new TlsProvider("BoringSSL", TlsProvider::openssl));
  }

  /** Each of {@link #all} against each other. */
  public static List<TlsProvider> mixed() {
    return all().stream()
        .flatMap(
            client ->
                all().stream()
                    .filter(server -> !server.equals(client))
                    .map(
                        server ->
                            new TlsProvider(
                                client + " client, " + server + " server",
                                (store, clock) ->
                                    new Mixed(
                                        client.open(store, clock), server.open(store, clock)))))
        .toList();
  }

  private record Mixed(MeshTls clients, MeshTls servers) implements MeshTls {
    @Override
    public SSLEngine client(SpiffeId expected, InetSocketAddress remote) throws SSLException {
      return clients.client(expected, remote);
    }

    @Override
    public SSLEngine server() throws SSLException {
      return servers.server();
    }
  }

  private static MeshTls openssl(IdentityStore identities, InstantSource clock) {
    String problem = OpenSslLibrary.problem();
    if (problem != null) {
      throw new IllegalStateException("these tests need BoringSSL: " + problem);
    }
    return new OpenSslMeshTls(identities, clock);
  }

  /** One that works. */
  public MeshTls open(IdentityStore identities) {
    return implementation.apply(identities, InstantSource.system());
  }

  /** One whose clock goes differently. */
  public MeshTls open(IdentityStore identities, InstantSource clock) {
    return implementation.apply(identities, clock);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Trusts everybody. */
  public static final class Trusting extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
