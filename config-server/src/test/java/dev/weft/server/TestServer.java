package dev.weft.server;

import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Pem;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.http.Routes;
import dev.weft.server.http.Timing;
import dev.weft.server.http.TlsProvider;
import dev.weft.server.limit.Limits;
import dev.weft.server.log.Log;
import dev.weft.server.operator.BootstrapToken;
import dev.weft.server.operator.OperatorTokens;
import dev.weft.server.operator.Role;
import dev.weft.server.protocol.Json;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A config server of this JVM on a free port, with folders below a temporary one. */
public final class TestServer implements AutoCloseable {
  static final Timing QUICK =
      new Timing(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMillis(100),
          Duration.ofSeconds(1));

  private final Path folder;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final TestClock clock = new TestClock();
  private final ConfigServer server;
  private @Nullable HttpClient reader;

  private TestServer(
      Path folder,
      Timing timing,
      Duration lease,
      Limits limits,
      Duration svidLife,
      TlsProvider provider)
      throws IOException {
    this.folder = folder;
    Files.createDirectories(policy());
    this.server =
        ConfigServer.start(
            new ServerOptions(
                policy(),
                state(),
                new HostPort("127.0.0.1", 0),
                Optional.of(new HostPort("127.0.0.1", 0)),
                "cluster.local",
                Optional.empty(),
                svidLife,
                List.of(),
                provider),
            Log.to(log::add),
            clock,
            timing,
            lease,
            limits);
  }

  public static TestServer in(Path folder) throws IOException {
    return in(folder, QUICK, Duration.ofSeconds(15));
  }

  static TestServer in(Path folder, Timing timing, Duration lease) throws IOException {
    return in(folder, timing, lease, Limits.usual());
  }

  static TestServer in(Path folder, Timing timing, Duration lease, Limits limits)
      throws IOException {
    return new TestServer(folder, timing, lease, limits, Duration.ofHours(24), TlsProvider.AUTO);
  }

  /** By whose TLS, and with certificates that live so long. */
  static TestServer in(Path folder, TlsProvider provider, Duration svidLife) throws IOException {
    return new TestServer(
        folder, QUICK, Duration.ofSeconds(15), Limits.usual(), svidLife, provider);
  }

  public Path policy() {
    return folder.resolve("policy");
  }

  public Path state() {
    return folder.resolve("state");
  }

  public URI uri() {
    return server.uri();
  }

  URI dashboard() {
    return server.dashboard().orElseThrow();
  }

  Routes routes() {
    return server.routes();
  }

  TestClock clock() {
    return clock;
  }

  List<String> log() {
    return log;
  }

  String operatorToken() throws IOException {
    return BootstrapToken.read(StateFolder.open(state())).orElseThrow();
  }

  /** A join token for a service whose account has the same name. */
  String token(String service, int uses) throws IOException {
    return token(service, service, Map.of(), uses);
  }

  String token(String service, String account, Map<String, String> labels, int uses)
      throws IOException {
    return tokens()
        .create(
            new JoinTokens.Order(service, "default", account, labels, Duration.ofHours(1), uses),
            CertificateAuthority.pin(root()))
        .text();
  }

  /** A named operator token. */
  String operatorToken(String name, Role role) throws Exception {
    return operatorTokens().create(new OperatorTokens.Order(name, role, Duration.ofDays(1))).text();
  }

  OperatorTokens operatorTokens() throws IOException {
    return new OperatorTokens(StateFolder.open(state()), new SecureRandom(), clock);
  }

  JoinTokens tokens() throws IOException {
    return new JoinTokens(StateFolder.open(state()), new SecureRandom(), clock);
  }

  X509Certificate root() throws IOException {
    return Pem.certificates(
            StateFolder.open(state()).readText(CertificateAuthority.BUNDLE_FILE).orElseThrow())
        .get(0);
  }

  /** Writes a document as an editor would: the new text replaces the old one at once. */
  public void write(String name, String text) throws IOException {
    Path swap = Files.writeString(folder.resolve(name + ".swap"), text);
    Files.move(swap, policy().resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Trusts the mesh's root and checks the host name, as any HTTPS client. */
  SSLContext trust(KeyManager... identity) throws Exception {
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    roots.setCertificateEntry("root", root());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
    SSLContext tls = SSLContext.getInstance("TLSv1.3");
    tls.init(identity, trust.getTrustManagers(), null);
    return tls;
  }

  /** The server's own certificate, by a handshake of its own. */
  X509Certificate presented() throws Exception {
    try (SSLSocket socket =
        (SSLSocket) trust().getSocketFactory().createSocket("localhost", uri().getPort())) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  HttpClient client() throws Exception {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trust()).build();
  }

  /** What an operator reads. */
  Map<String, Object> get(String path) throws Exception {
    HttpResponse<byte[]> response = read(path);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + " answered " + new String(response.body()));
    }
    return Json.object(response.body());
  }

  /** The value of a metric without labels. */
  double metric(String name) throws Exception {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }

  /** The page that Prometheus reads. */
  String metrics() throws Exception {
    return new String(read("/metrics").body(), StandardCharsets.UTF_8);
  }

  /** Over one connection: tests look again and again until something is so. */
  private synchronized HttpResponse<byte[]> read(String path) throws Exception {
    if (reader == null) {
      reader = client();
    }
    return reader.send(
        HttpRequest.newBuilder(uri().resolve(path))
            .header("Authorization", "Bearer " + operatorToken())
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  /** The status as text, for looking into. */
  public String status() throws Exception {
    return Json.text(get("/v1/status"));
  }

  @Override
  public void close() {
    server.close();
  }
}
