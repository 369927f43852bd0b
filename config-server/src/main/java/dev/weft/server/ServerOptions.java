package dev.weft.server;

import dev.weft.server.http.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a server runs. Immutable.
 *
 * @param policy folder of documents
 * @param state folder of keys and tokens
 * @param listen where agents connect
 * @param dashboard where the page listens; empty: nowhere
 * @param suppliedAuthority an operator's authority; empty: the embedded one
 * @param svidLife how long certificates live, the server's own included
 * @param advertised further DNS names and IP literals of this server
 * @param tlsProvider whose TLS it speaks
 */
public record ServerOptions(
    Path policy,
    Path state,
    HostPort listen,
    Optional<HostPort> dashboard,
    String trustDomain,
    Optional<AuthorityFiles> suppliedAuthority,
    Duration svidLife,
    List<String> advertised,
    TlsProvider tlsProvider) {

  /**
   * PEM files.
   *
   * @param certificates the signing certificate, then its parents up to the root
   * @param key its private key
   */
  public record AuthorityFiles(Path certificates, Path key) {}
}
