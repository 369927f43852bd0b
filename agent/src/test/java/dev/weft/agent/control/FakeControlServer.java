package dev.weft.agent.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.Pem;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.agent.json.Json;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A config server in this process: the protocol, a real authority, and a record of all it saw. */
final class FakeControlServer implements AutoCloseable {
  static final String WORKLOAD = "spiffe://a.test/ns/default/sa/pay";
  private static final String SECRET = "weft1.0123abcd.00112233445566778899aabbccddeeff.";

  final TestAuthority authority;
  final List<Map<String, Object>> enrolments = new CopyOnWriteArrayList<>();
  final List<Map<String, Object>> watches = new CopyOnWriteArrayList<>();
  final List<Map<String, Object>> reports = new CopyOnWriteArrayList<>();
  final List<Map<String, Object>> drains = new CopyOnWriteArrayList<>();

  /** How many agents do not know of a drain yet; negative: this server is too old to know. */
  volatile int waitingFor;

  final List<X509Certificate> renewals = new CopyOnWriteArrayList<>();
  final List<X509Certificate> watchers = new CopyOnWriteArrayList<>();
  volatile Duration lifetime = Duration.ofHours(24);
  volatile boolean renewalsFail;

  /** As servers of before: the newest protocol is not known. */
  volatile boolean speaksVersion1Only;

  /** Seconds after which it wants watches to come back; 0: at once. */
  volatile int busy;

  final List<Map<String, Object>> refusedWatches = new CopyOnWriteArrayList<>();

  /** The token is good for one key, and the first answer to it gets lost. */
  volatile boolean losesTheAnswerToItsOneUse;

  private final List<OutputStream> streams = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpsServer server;
  private volatile String snapshot = "";

  FakeControlServer() throws Exception {
    this(TestAuthority.create(), 0, "spiffe://a.test/ns/weft/sa/config-server");
  }

  FakeControlServer(TestAuthority authority, int port, String serverId) throws Exception {
    this.authority = authority;
    Identity own = authority.identity(serverId);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server", own.key(), new char[0], new Certificate[] {own.leaf(), authority.root});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tls = context.getDefaultSSLParameters();
            tls.setProtocols(new String[] {"TLSv1.3"});
            tls.setWantClientAuth(true);
            parameters.setSSLParameters(tls);
          }
        });
    server.setExecutor(threads);
    server.createContext("/v1/enroll", this::enroll);
    server.createContext("/v1/renew", this::renew);
    server.createContext("/v1/watch", this::watch);
    server.createContext("/v1/report", this::report);
    server.createContext("/v1/drain", this::drain);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Agent arguments that lead here. */
  String arguments() {
    return "service=pay,server=https://127.0.0.1:" + port() + ",token=" + token(authority);
  }

  static String token(TestAuthority authority) {
    return SECRET + authority.pin();
  }

  static Snapshot emptySnapshot(String version, TestAuthority authority, String... networks)
      throws Exception {
    MeshSettings defaults = MeshSettings.DEFAULT;
    return new Snapshot(
        version,
        "a.test",
        List.of(Pem.of(authority.root)),
        new Inbound(
            "pay-1",
            "pay",
            "default",
            WORKLOAD,
            Map.of(),
            new Inbound.Mtls(MtlsMode.STRICT, "PeerAuthentication default/strict"),
            Map.of(),
            List.of()),
        List.of(),
        new MeshSettings(
            List.of(networks),
            defaults.retryBudgetPercent(),
            defaults.retryBudgetMinPerSecond(),
            defaults.traceSamplingPercent()));
  }

  void publish(Snapshot next) {
    snapshot =
        Json.text(
            Map.of("type", "snapshot", "version", next.version(), "snapshot", Trees.toTree(next)));
    streams.forEach(stream -> send(stream, snapshot));
  }

  /** Sends a line to every stream, whatever it says. */
  void sendLine(String line) {
    streams.forEach(stream -> send(stream, line));
  }

  /** Breaks every stream. */
  void dropStreams() throws IOException {
    for (OutputStream stream : streams) {
      streams.remove(stream);
      stream.close();
    }
  }

  private void enroll(HttpExchange exchange) throws IOException {
    Map<String, Object> body = body(exchange);
    if (!token(authority).equals(body.get("token"))) {
      enrolments.add(body);
      answer(
          exchange,
          403,
          Map.of("error", Map.of("code", "token-unknown", "message", "This token is not known.")));
      return;
    }
    if (losesTheAnswerToItsOneUse) {
      enrolments.add(body);
      if (enrolments.size() == 1) {
        exchange.close();
        return;
      }
      if (!enrolments.get(0).get("csr").equals(body.get("csr"))) {
        Map<String, Object> error = Map.of("code", "token-used", "message", "It is used up.");
        answer(exchange, 403, Map.of("error", error));
        return;
      }
      answer(exchange, 200, certificate((String) body.get("csr")));
      return;
    }
    answer(exchange, 200, certificate((String) body.get("csr")));
    enrolments.add(body);
  }

  private void renew(HttpExchange exchange) throws IOException {
    X509Certificate peer = peer(exchange);
    Map<String, Object> body = body(exchange);
    if (peer == null || renewalsFail) {
      answer(exchange, 500, Map.of("error", Map.of("code", "broken", "message", "No.")));
      return;
    }
    answer(exchange, 200, certificate((String) body.get("csr")));
    renewals.add(peer);
  }

  private Map<String, Object> certificate(String csr) {
    try {
      Instant until = Instant.now().plus(lifetime);
      X509Certificate leaf = authority.certify(csr, WORKLOAD, made -> made.until = until);
      return Map.of(
          "certificate", List.of(Pem.of(leaf)),
          "bundle", List.of(Pem.of(authority.root)),
          "spiffeId", WORKLOAD,
          "trustDomain", "a.test",
          "notAfter", until.toString());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void watch(HttpExchange exchange) throws IOException {
    X509Certificate peer = peer(exchange);
    Map<String, Object> body = body(exchange);
    if (peer == null) {
      answer(
          exchange,
          401,
          Map.of("error", Map.of("code", "no-identity", "message", "A certificate is needed.")));
      return;
    }
    if (speaksVersion1Only && !body.get("protocol").equals(1L)) {
      refusedWatches.add(body);
      answer(
          exchange,
          400,
          Map.of("error", Map.of("code", "protocol-version", "message", "It speaks 1.")));
      return;
    }
    if (busy > 0) {
      refusedWatches.add(body);
      exchange.getResponseHeaders().set("Retry-After", Integer.toString(busy));
      answer(exchange, 503, Map.of("error", Map.of("code", "overloaded", "message", "Later.")));
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream stream = exchange.getResponseBody();
    String now = snapshot;
    send(stream, "{\"type\":\"ping\"}");
    if (!now.isEmpty() && !now.contains("\"version\":\"" + body.get("version") + "\"")) {
      send(stream, now);
    }
    streams.add(stream);
    watchers.add(peer);
    watches.add(body);
  }

  private void report(HttpExchange exchange) throws IOException {
    X509Certificate peer = peer(exchange);
    Map<String, Object> body = body(exchange);
    answer(exchange, peer == null ? 401 : 200, Map.of());
    reports.add(body);
  }

  private void drain(HttpExchange exchange) throws IOException {
    drains.add(body(exchange));
    Map<String, Object> error = Map.of("code", "no-such-path", "message", "There is none.");
    answer(
        exchange,
        waitingFor < 0 ? 404 : 200,
        waitingFor < 0 ? Map.of("error", error) : Map.of("waitingFor", waitingFor));
  }

  private static void send(OutputStream stream, String line) {
    try {
      synchronized (stream) {
        stream.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        stream.flush();
      }
    } catch (IOException e) {
      // that agent is gone
    }
  }

  private static X509Certificate peer(HttpExchange exchange) {
    try {
      var certificates = ((HttpsExchange) exchange).getSSLSession().getPeerCertificates();
      return (X509Certificate) certificates[0];
    } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
      return null;
    }
  }

  private static Map<String, Object> body(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readAllBytes();
    return Json.object(new String(bytes, StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, Map<String, Object> body)
      throws IOException {
    byte[] bytes = Json.text(body).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
