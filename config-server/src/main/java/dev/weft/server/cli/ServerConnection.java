package dev.weft.server.cli;

import dev.weft.server.ConfigServer;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Pem;
import dev.weft.server.authority.SvidVerifier;
import dev.weft.server.operator.BootstrapToken;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How commands reach a running server: its address from the command line or the state folder, the
 * operator token and the root to trust from the state folder.
 */
final class ServerConnection {
  static final String DEFAULT_STATE = ".weft/state";

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = "${env:WEFT_SERVER_STATE:-" + DEFAULT_STATE + "}",
      description = "The server's state folder (default: ${DEFAULT-VALUE}).")
  private Path state = Path.of(DEFAULT_STATE);

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "The server (default: the one that runs on the state folder).")
  private @Nullable URI server;

  /** The folder itself; it must exist. */
  StateFolder state() throws IOException {
    if (!Files.isDirectory(state)) {
      throw new IOException(
          "there is no state folder " + state + "; start the server first, or use --state");
    }
    return StateFolder.open(state);
  }

  /** Where the server is. */
  URI address() throws IOException {
    if (server != null) {
      return server;
    }
    Optional<byte[]> written = state().read(ConfigServer.ADDRESS_FILE);
    if (written.isEmpty()) {
      throw new IOException(
          "no server has run on state folder " + state + " yet; start it, or use --server");
    }
    try {
      return URI.create(String.valueOf(Json.object(written.get()).get("listen")));
    } catch (Refusal | IllegalArgumentException e) {
      throw new IOException(ConfigServer.ADDRESS_FILE + " is damaged: " + e.getMessage(), e);
    }
  }

  /** The root that agents pin. */
  List<X509Certificate> roots() throws IOException {
    Optional<String> bundle = state().readText(CertificateAuthority.BUNDLE_FILE);
    if (bundle.isEmpty()) {
      throw new IOException("state folder " + state + " has no authority yet");
    }
    return Pem.certificates(bundle.get());
  }

  /**
   * Asks the server.
   *
   * @param path path and query
   * @throws IOException with a sentence for people when it cannot be reached or refuses
   */
  Map<String, Object> get(String path) throws IOException, InterruptedException {
    return ask(path, HttpRequest.Builder::GET);
  }

  /**
   * Has the server do something.
   *
   * @throws IOException as {@link #get}
   */
  Map<String, Object> post(String path) throws IOException, InterruptedException {
    return ask(path, request -> request.POST(HttpRequest.BodyPublishers.noBody()));
  }

  /**
   * Has the server do something with a body.
   *
   * @throws IOException as {@link #get}
   */
  Map<String, Object> post(String path, Map<String, Object> body)
      throws IOException, InterruptedException {
    return ask(
        path,
        request ->
            request
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body))));
  }

  private Map<String, Object> ask(String path, UnaryOperator<HttpRequest.Builder> method)
      throws IOException, InterruptedException {
    URI base = address();
    String token =
        BootstrapToken.read(state())
            .orElseThrow(() -> new IOException("state folder " + state + " has no operator token"));
    HttpClient.Builder client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT);
    if ("https".equals(base.getScheme())) {
      client.sslContext(tls());
    } else if (!InetAddress.getByName(base.getHost()).isLoopbackAddress()) {
      throw new IOException("the operator token is not sent in the clear to " + base);
    }
    HttpRequest request =
        method
            .apply(HttpRequest.newBuilder(base.resolve(path)))
            .header("Authorization", "Bearer " + token)
            .timeout(TIMEOUT)
            .build();
    HttpResponse<byte[]> response;
    try {
      response = client.build().send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new IOException("no answer from the server at " + base + ": " + reason, e);
    }
    return read(base, response);
  }

  private static Map<String, Object> read(URI base, HttpResponse<byte[]> response)
      throws IOException {
    try {
      Map<String, Object> tree = Json.object(response.body());
      if (response.statusCode() == 200) {
        return tree;
      }
      Tree error = Tree.of(tree).child("error");
      throw new IOException(
          "the server at "
              + base
              + " refused: "
              + error.text("message")
              + " ("
              + error.text("code")
              + ")");
    } catch (Refusal e) {
      throw new IOException(
          base + " does not answer as a config server: status " + response.statusCode(), e);
    }
  }

  private SSLContext tls() throws IOException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new ServerTrust(new SvidVerifier(roots()))}, null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS: " + e.getMessage(), e);
    }
  }
}
