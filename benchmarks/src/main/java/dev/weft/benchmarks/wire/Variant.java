package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.wire.app.Transport;
import java.util.Locale;

/** One way to carry requests from one JVM to another. */
enum Variant {
  PLAIN("plaintext", Transport.PLAIN, Mesh.NONE, Sidecar.NONE),
  JSSE("own TLS, JSSE", Transport.JSSE, Mesh.NONE, Sidecar.NONE),
  BORINGSSL("own TLS, BoringSSL", Transport.BORINGSSL, Mesh.NONE, Sidecar.NONE),
  AGENT_OUTSIDE("agent, outside the mesh", Transport.PLAIN, Mesh.OUTSIDE, Sidecar.NONE),
  AGENT_JSSE("agent, JSSE", Transport.PLAIN, Mesh.JSSE, Sidecar.NONE),
  AGENT_OPENSSL("agent, BoringSSL", Transport.PLAIN, Mesh.OPENSSL, Sidecar.NONE),
  NGINX_TCP("nginx pair, TCP", Transport.PLAIN, Mesh.NONE, Sidecar.NGINX_TCP),
  HAPROXY_TCP("haproxy pair, TCP", Transport.PLAIN, Mesh.NONE, Sidecar.HAPROXY_TCP),
  NGINX_HTTP("nginx pair, HTTP", Transport.PLAIN, Mesh.NONE, Sidecar.NGINX_HTTP),
  HAPROXY_HTTP("haproxy pair, HTTP", Transport.PLAIN, Mesh.NONE, Sidecar.HAPROXY_HTTP);

  /** What the agent in both JVMs is told. */
  enum Mesh {
    /** There is no agent. */
    NONE,
    /** It runs, and the peer is none of the mesh. */
    OUTSIDE,
    JSSE,
    OPENSSL
  }

  /** What stands between the two JVMs, twice. */
  enum Sidecar {
    NONE,
    NGINX_TCP,
    HAPROXY_TCP,
    NGINX_HTTP,
    HAPROXY_HTTP
  }

  private final String title;
  private final Transport transport;
  private final Mesh mesh;
  private final Sidecar sidecar;

  Variant(String title, Transport transport, Mesh mesh, Sidecar sidecar) {
    this.title = title;
    this.transport = transport;
    this.mesh = mesh;
    this.sidecar = sidecar;
  }

  /** In tables. */
  String title() {
    return title;
  }

  /** What the applications do themselves. */
  Transport transport() {
    return transport;
  }

  Mesh mesh() {
    return mesh;
  }

  Sidecar sidecar() {
    return sidecar;
  }

  /** Whether there is such a variant of the stack at all. */
  boolean existsFor(Stack stack) {
    return transport != Transport.BORINGSSL || stack == Stack.NETTY;
  }

  /** Whether what travels between the two JVMs, or their sidecars, must be encrypted. */
  boolean encrypted() {
    return this != PLAIN && this != AGENT_OUTSIDE;
  }

  /** As on the command line: {@code agent-jsse}. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
