package dev.weft.benchmarks.wire.app;

import dev.weft.benchmarks.ground.app.Latencies;
import dev.weft.benchmarks.ground.app.Pace;
import dev.weft.benchmarks.ground.app.Schedule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.ssl.TLS;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Loads an HTTP/1.1 server by Apache HttpClient 5, one thread per connection. In the open loop each
 * free thread takes the next request and parks until it is due, so pacing costs no thread hop.
 */
public final class ApacheClient implements LoadClient {
  private static final int MAX_THREADS = 64;
  private static final int PATIENCE_SECONDS = 30;

  private final HttpHost host;
  private final @Nullable Certificates certificates;
  private final String pad;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          MAX_THREADS,
          task ->
              new Thread(
                  () -> {
                    Pace.wakeThisThreadPunctually();
                    task.run();
                  },
                  "load"));
  private final CloseableHttpClient keeping;
  private final CloseableHttpClient closing;
  private @Nullable CloseableHttpClient idle;

  private ApacheClient(String address, int port, @Nullable Certificates certificates)
      throws IOException, GeneralSecurityException {
    this.host = new HttpHost(certificates == null ? "http" : "https", address, port);
    this.certificates = certificates;
    this.pad =
        Content.pad(
            "GET /small HTTP/1.1\r\nHost: "
                + host.toHostString()
                + "\r\nConnection: keep-alive\r\nUser-Agent: load\r\n\r\n");
    this.keeping = client(MAX_THREADS).build();
    this.closing =
        client(MAX_THREADS)
            .setConnectionReuseStrategy((request, response, context) -> false)
            .build();
  }

  /**
   * Serves the launcher.
   *
   * @param args transport, folder of certificates, port of the server
   */
  public static void main(String[] args) throws Exception {
    Certificates own =
        Transport.valueOf(args[0]) == Transport.JSSE
            ? Certificates.of(Path.of(args[1]), "client")
            : null;
    new ApacheClient("127.0.0.1", Integer.parseInt(args[2]), own).serve();
  }

  private HttpClientBuilder client(int connections) throws IOException, GeneralSecurityException {
    var connectionManager =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnPerRoute(connections)
            .setMaxConnTotal(connections)
            .setDefaultSocketConfig(
                SocketConfig.custom()
                    .setSoTimeout(Timeout.ofSeconds(PATIENCE_SECONDS))
                    .setTcpNoDelay(true)
                    .build());
    if (certificates != null) {
      connectionManager.setTlsSocketStrategy(
          ClientTlsStrategyBuilder.create()
              .setSslContext(certificates.sslContext())
              .setTlsVersions(TLS.V_1_3)
              .setCiphers("TLS_AES_128_GCM_SHA256")
              .buildClassic());
    }
    return HttpClients.custom()
        .setConnectionManager(connectionManager.build())
        // With a client certificate a connection has the user's state, and would serve one request.
        .disableConnectionState()
        .disableContentCompression()
        .setUserAgent("load")
        .setDefaultRequestConfig(RequestConfig.custom().setProtocolUpgradeEnabled(false).build());
  }

  @Override
  public void once() throws IOException {
    get(closing, Content.SMALL);
  }

  @Override
  public Latencies openLoop(Schedule schedule, int connections) throws Exception {
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime() + 2_000_000;
    List<Future<Latencies>> running = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      running.add(
          threads.submit(
              () -> {
                Latencies own = new Latencies();
                for (int k; (k = next.getAndIncrement()) < schedule.size(); ) {
                  long due = start + schedule.due(k);
                  Pace.until(due);
                  get(keeping, Content.SMALL);
                  own.record(due);
                }
                return own;
              }));
    }
    Latencies all = new Latencies();
    for (Future<Latencies> own : running) {
      all.add(result(own));
    }
    return all;
  }

  @Override
  public long closedLoop(String path, int connections, long nanos) throws Exception {
    return loop(keeping, path, connections, nanos);
  }

  @Override
  public long fresh(int parallel, long nanos) throws Exception {
    return loop(closing, Content.SMALL, parallel, nanos);
  }

  private long loop(CloseableHttpClient client, String path, int parallel, long nanos)
      throws Exception {
    long end = System.nanoTime() + nanos;
    List<Future<Long>> running = new ArrayList<>();
    for (int i = 0; i < parallel; i++) {
      running.add(
          threads.submit(
              () -> {
                long count = 0;
                while (System.nanoTime() < end) {
                  get(client, path);
                  count++;
                }
                return count;
              }));
    }
    long count = 0;
    for (Future<Long> own : running) {
      count += result(own);
    }
    return count;
  }

  @Override
  public void idle(int connections) throws Exception {
    if (idle != null) {
      idle.close();
      idle = null;
    }
    if (connections == 0) {
      return;
    }
    CloseableHttpClient client = client(connections).build();
    idle = client;
    // A response that was not read holds its connection, so each request gets one of its own.
    List<ClassicHttpResponse> responses = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      responses.add(client.executeOpen(host, request(Content.SMALL), null));
    }
    byte[] buffer = new byte[Content.PIECE_BYTES];
    for (ClassicHttpResponse response : responses) {
      drain(response, buffer);
    }
  }

  private HttpGet request(String path) {
    HttpGet request = new HttpGet(path);
    request.setHeader(Content.PAD_NAME, pad);
    return request;
  }

  private void get(CloseableHttpClient client, String path) throws IOException {
    byte[] buffer = new byte[path.equals(Content.BULK) ? Content.PIECE_BYTES : 2048];
    client.<@Nullable Void>execute(
        host,
        request(path),
        response -> {
          drain(response, buffer);
          return null;
        });
  }

  private static void drain(ClassicHttpResponse response, byte[] buffer) throws IOException {
    if (response.getCode() != 200) {
      throw new IOException("answered " + response.getCode());
    }
    try (InputStream in = response.getEntity().getContent()) {
      while (in.read(buffer) >= 0) {
        // Only how long it takes is of interest.
      }
    }
  }

  private static <T> T result(Future<T> future) throws Exception {
    try {
      return future.get(10, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
