package dev.weft.benchmarks.requests.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;

/**
 * The libraries as applications use them: their defaults, but for pools that have room for all
 * threads. Asynchronous ones are waited for by the thread that asked, alike with and without an
 * agent.
 */
enum Senders {
  JAVA_NET_HTTP {
    @Override
    Sender to(URI uri, int threads) {
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      HttpRequest request = HttpRequest.newBuilder(uri).build();
      return () -> Sender.check(client.send(request, BodyHandlers.ofByteArray()).statusCode());
    }
  },
  HTTP_URL_CONNECTION {
    @Override
    Sender to(URI uri, int threads) {
      System.setProperty("http.maxConnections", Integer.toString(threads));
      return () -> {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        Sender.check(connection.getResponseCode());
        try (InputStream body = connection.getInputStream()) {
          body.readAllBytes();
        }
      };
    }
  },
  HTTPCLIENT5 {
    @Override
    Sender to(URI uri, int threads) {
      CloseableHttpClient client =
          HttpClients.custom()
              .setConnectionManager(
                  PoolingHttpClientConnectionManagerBuilder.create()
                      .setMaxConnPerRoute(threads)
                      .setMaxConnTotal(threads)
                      .build())
              .build();
      return () ->
          client.execute(
              new HttpGet(uri),
              response -> {
                EntityUtils.consume(response.getEntity());
                Sender.check(response.getCode());
                return null;
              });
    }
  },
  HTTPCLIENT5_ASYNC {
    @Override
    Sender to(URI uri, int threads) {
      CloseableHttpAsyncClient client =
          HttpAsyncClients.custom()
              .setConnectionManager(
                  PoolingAsyncClientConnectionManagerBuilder.create()
                      .setMaxConnPerRoute(threads)
                      .setMaxConnTotal(threads)
                      .build())
              .build();
      client.start();
      return () -> {
        SimpleHttpRequest request = SimpleRequestBuilder.get(uri).build();
        Sender.check(client.execute(request, null).get(PATIENCE, TimeUnit.SECONDS).getCode());
      };
    }
  },
  OKHTTP {
    @Override
    Sender to(URI uri, int threads) throws IOException {
      OkHttpClient client =
          new OkHttpClient.Builder()
              .connectionPool(new ConnectionPool(threads, 1, TimeUnit.MINUTES))
              .build();
      Request request = new Request.Builder().url(uri.toURL()).build();
      return () -> {
        try (Response response = client.newCall(request).execute()) {
          response.body().bytes();
          Sender.check(response.code());
        }
      };
    }
  },
  REACTOR_NETTY {
    @Override
    Sender to(URI uri, int threads) {
      reactor.netty.http.client.HttpClient client =
          reactor.netty.http.client.HttpClient.create(
              ConnectionProvider.create("benchmark", threads));
      String url = uri.toString();
      return () -> {
        HttpClientResponse response =
            client
                .get()
                .uri(url)
                .responseSingle((head, body) -> body.asByteArray().thenReturn(head))
                .toFuture()
                .get(PATIENCE, TimeUnit.SECONDS);
        Sender.check(response.status().code());
      };
    }
  };

  private static final long PATIENCE = 30;

  /**
   * A client that sends to this address.
   *
   * @param threads how many send at once
   * @throws Exception what the library throws when it is set up
   */
  abstract Sender to(URI uri, int threads) throws Exception;
}
