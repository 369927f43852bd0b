package dev.weft.server;

import dev.weft.server.authority.Pem;
import dev.weft.server.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** The agent's end of the protocol, as docs/protocol.md tells it. */
public final class TestAgent {
  private final TestServer server;
  private final UUID instance;
  private final HttpClient http;
  private final List<X509Certificate> chain;

  private TestAgent(
      TestServer server, UUID instance, HttpClient http, List<X509Certificate> chain) {
    this.server = server;
    this.instance = instance;
    this.http = http;
    this.chain = chain;
  }

  /** An answer and its status. */
  record Reply(int status, Map<String, Object> body) {
    String code() {
      return error("code");
    }

    String message() {
      return error("message");
    }

    private String error(String key) {
      return body.get("error") instanceof Map<?, ?> error ? String.valueOf(error.get(key)) : "";
    }
  }

  /** One that has a certificate for a service. */
  static TestAgent enrolled(TestServer server, String service) throws Exception {
    return enrolledWith(server, server.token(service, 1));
  }

  /** One that has the certificate of a token. */
  static TestAgent enrolledWith(TestServer server, String token) throws Exception {
    KeyPair key = ecKey("secp256r1");
    Reply reply = enroll(server, token, csr(key), "");
    if (reply.status() != 200) {
      throw new AssertionError(reply.toString());
    }
    return with(server, key, reply);
  }

  /** One that shows the certificate of an answer. */
  static TestAgent with(TestServer server, KeyPair key, Reply reply) throws Exception {
    List<X509Certificate> chain = Pem.certificates(certificates(reply));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("svid", key.getPrivate(), new char[0], chain.toArray(X509Certificate[]::new));
    KeyManagerFactory identity = KeyManagerFactory.getInstance("PKIX");
    identity.init(store, new char[0]);
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(server.trust(identity.getKeyManagers()))
            .build();
    return new TestAgent(server, UUID.randomUUID(), http, chain);
  }

  static String certificates(Reply reply) {
    return String.join(
        "", ((List<?>) reply.body().get("certificate")).stream().map(String::valueOf).toList());
  }

  static Reply enroll(TestServer server, String token, String csr, String service)
      throws Exception {
    Map<String, Object> workload = new LinkedHashMap<>();
    workload.put("service", service);
    workload.put("namespace", "default");
    workload.put("serviceAccount", service);
    workload.put("labels", Map.of());
    return post(
        server,
        server.client(),
        "/v1/enroll",
        Map.of("token", token, "csr", csr, "workload", workload));
  }

  static Reply post(TestServer server, HttpClient http, String path, Map<String, Object> body)
      throws Exception {
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(server.uri().resolve(path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), Json.object(response.body()));
  }

  /** The same JVM, at a server that has taken the place of its own. */
  TestAgent on(TestServer other) {
    return new TestAgent(other, instance, http, chain);
  }

  Reply post(String path, Map<String, Object> body) throws Exception {
    return post(server, http, path, body);
  }

  HttpResponse<byte[]> postBytes(String path, byte[] body, String... headers) throws Exception {
    return http.send(
        HttpRequest.newBuilder(server.uri().resolve(path))
            .headers(headers)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  UUID instance() {
    return instance;
  }

  X509Certificate leaf() {
    return chain.get(0);
  }

  Map<String, Object> watchBody(String service, UUID jvm, String held, List<Integer> listening) {
    Map<String, Object> workload = new LinkedHashMap<>();
    workload.put("service", service);
    workload.put("namespace", "default");
    workload.put("serviceAccount", service);
    workload.put("labels", Map.of("app", service));
    workload.put("address", "");
    workload.put("ports", Map.of());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("protocol", 1);
    body.put("instance", jvm.toString());
    body.put("workload", workload);
    body.put("listening", listening);
    body.put("version", held);
    return body;
  }

  Stream watch(String service, Integer... listening) throws Exception {
    return watch(watchBody(service, instance, "", List.of(listening)));
  }

  HttpResponse<InputStream> stream(Map<String, Object> body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(server.uri().resolve("/v1/watch"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
            .build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  Stream watch(Map<String, Object> body) throws Exception {
    return new Stream(open(body));
  }

  /** A watch of which nothing is read unless somebody does. */
  InputStream open(Map<String, Object> body) throws Exception {
    HttpResponse<InputStream> response = stream(body);
    if (response.statusCode() != 200) {
      throw new AssertionError(new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
    }
    return response.body();
  }

  Reply report(Map<String, Object> more) throws Exception {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("instance", instance.toString());
    body.put("listening", List.of());
    body.putAll(more);
    return post("/v1/report", body);
  }

  /** A watch stream's lines; pings are skipped. */
  static final class Stream implements AutoCloseable {
    private final InputStream in;
    private final BlockingQueue<Map<String, Object>> snapshots = new LinkedBlockingQueue<>();
    private final Thread reader = new Thread(this::read, "test-watch");
    private volatile boolean ended;

    private Stream(InputStream in) {
      this.in = in;
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Map<String, Object> message = Json.object(line.getBytes(StandardCharsets.UTF_8));
          if (!"ping".equals(message.get("type"))) {
            snapshots.add(message);
          }
        }
      } catch (Exception e) {
        // The stream is over, one way or the other.
      }
      ended = true;
    }

    /** The next snapshot that arrives within ten seconds. */
    Map<String, Object> next() throws InterruptedException {
      Map<String, Object> message = snapshots.poll(10, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no snapshot came");
      }
      return message;
    }

    /** The first of them that fits, past those that tell of something else. */
    Map<String, Object> next(Predicate<Map<String, Object>> fits) throws InterruptedException {
      Map<String, Object> message = next();
      while (!fits.test(message)) {
        message = next();
      }
      return message;
    }

    boolean silentFor(Duration time) throws InterruptedException {
      return snapshots.poll(time.toMillis(), TimeUnit.MILLISECONDS) == null;
    }

    boolean ended() {
      return ended;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  static KeyPair ecKey(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  static KeyPair rsaKey(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  static String csr(KeyPair key, String... uris) throws Exception {
    return csr(key, key.getPrivate(), uris);
  }

  static String csr(KeyPair key, PrivateKey signer, String... uris) throws Exception {
    JcaPKCS10CertificationRequestBuilder builder =
        new JcaPKCS10CertificationRequestBuilder(
            new X500Name("CN=whatever I like"), key.getPublic());
    if (uris.length > 0) {
      GeneralName[] names = new GeneralName[uris.length];
      for (int i = 0; i < uris.length; i++) {
        names[i] = new GeneralName(GeneralName.uniformResourceIdentifier, uris[i]);
      }
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
    }
    String algorithm = signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    byte[] der = builder.build(new JcaContentSignerBuilder(algorithm).build(signer)).getEncoded();
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject("CERTIFICATE REQUEST", der));
    }
    return text.toString();
  }
}
