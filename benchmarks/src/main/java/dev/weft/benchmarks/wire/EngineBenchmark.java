package dev.weft.benchmarks.wire;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.TlsProvider;
import dev.weft.agent.identity.ChosenTls;
import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.MeshEngine;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.log.Log;
import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The mesh's TLS engines without sockets, both ends in one thread: what a handshake, a request with
 * its answer, and a full record cost, with all checks.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls connect first
public class EngineBenchmark {
  private static final SpiffeId SERVER = SpiffeId.parse("spiffe://bench.test/ns/default/sa/server");
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);
  private static final InetSocketAddress REMOTE = InetSocketAddress.createUnresolved("server", 443);

  /** Which provider. */
  @Param({"jsse", "openssl"})
  public String engine = "jsse";

  private final ByteBuffer request = ByteBuffer.allocateDirect(200);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(1_200);
  private final ByteBuffer large = ByteBuffer.allocateDirect(16_384);
  private final ByteBuffer toServer = ByteBuffer.allocateDirect(1 << 16);
  private final ByteBuffer toClient = ByteBuffer.allocateDirect(1 << 16);
  private final ByteBuffer wire = ByteBuffer.allocateDirect(1 << 16);
  private final ByteBuffer heard = ByteBuffer.allocateDirect(1 << 16);
  private MeshTls clients;
  private MeshTls servers;
  private SSLEngine client;
  private SSLEngine server;
  private int port;

  /** Identities, and one connection that stays. */
  @Setup
  public void connect() throws IOException, GeneralSecurityException {
    Path folder = Files.createTempDirectory("engines");
    Authority.writeTo(folder);
    clients = tls(folder, "client");
    servers = tls(folder, "server");
    client = clients.client(SERVER, REMOTE);
    server = servers.server();
    handshake(client, server);
    send(server, client, request);
  }

  private MeshTls tls(Path folder, String party) throws IOException, GeneralSecurityException {
    IdentityStore store = new IdentityStore();
    store.publish(
        Identity.of(
            KeyFactory.getInstance("EC").generatePrivate(key(folder.resolve(party + ".key"))),
            List.of(certificate(folder.resolve(party + ".pem"))),
            List.of(certificate(folder.resolve("authority.pem")))));
    return ChosenTls.of(
        engine.equals("jsse") ? TlsProvider.JSSE : TlsProvider.OPENSSL,
        true,
        store,
        new ThreadGroup("engines"),
        new Log(LogLevel.WARN, System.err));
  }

  private static X509Certificate certificate(Path pem)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(pem)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static PKCS8EncodedKeySpec key(Path pem) throws IOException {
    String body = Files.readString(pem).replaceAll("-----[^-]*-----", "");
    return new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body));
  }

  /** To a server that was never met before. */
  @Benchmark
  public void fullHandshake() throws SSLException {
    port = (port + 1) & 0xffff;
    connection(InetSocketAddress.createUnresolved("stranger", port));
  }

  /** To one that has answered on an earlier connection, and its answer, which brings tickets. */
  @Benchmark
  public void resumedHandshake() throws SSLException {
    connection(REMOTE);
  }

  private void connection(InetSocketAddress remote) throws SSLException {
    SSLEngine one = clients.client(SERVER, remote);
    SSLEngine other = servers.server();
    try {
      handshake(one, other);
      if (remote.equals(REMOTE)) {
        send(other, one, request);
      }
    } finally {
      ((MeshEngine) one).release();
      ((MeshEngine) other).release();
    }
  }

  /** 200 bytes there, 1200 bytes back. */
  @Benchmark
  public void exchange() throws SSLException {
    send(client, server, request);
    send(server, client, answer);
  }

  /** One record of 16 KiB, sealed and opened. */
  @Benchmark
  public void bulk() throws SSLException {
    send(client, server, large);
  }

  private void send(SSLEngine from, SSLEngine to, ByteBuffer bytes) throws SSLException {
    bytes.clear();
    wire.clear();
    while (bytes.hasRemaining()) {
      from.wrap(bytes, wire);
    }
    wire.flip();
    heard.clear();
    while (wire.hasRemaining()) {
      if (to.unwrap(wire, heard).getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        runTasks(to);
      }
    }
  }

  private void handshake(SSLEngine one, SSLEngine other) throws SSLException {
    one.beginHandshake();
    other.beginHandshake();
    toServer.clear().limit(0);
    toClient.clear().limit(0);
    boolean moved = true;
    while (moved) {
      moved = step(one, toClient, toServer);
      moved |= step(other, toServer, toClient);
    }
    clients.peer(one);
    servers.peer(other);
  }

  /** True: something has happened. Both buffers are ready to be read before and after. */
  private boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    runTasks(engine);
    boolean moved = false;
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      out.compact();
      engine.wrap(NOTHING, out);
      out.flip();
      moved = true;
    }
    while (in.hasRemaining() && engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
      engine.unwrap(in, heard.clear());
      runTasks(engine);
      moved = true;
    }
    return moved;
  }

  private static void runTasks(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }
}
