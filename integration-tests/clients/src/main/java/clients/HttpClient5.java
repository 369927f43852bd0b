package clients;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.protocol.RedirectLocations;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.util.Timeout;

/** Apache HttpClient 5, classic; given up by {@code HttpUriRequestBase.abort}. */
public final class HttpClient5 implements Library {
  private final Map<Setup, CloseableHttpClient> clients = new ConcurrentHashMap<>();

  /** Makes what each order needs, and nothing before. */
  public HttpClient5() {}

  @Override
  @SuppressWarnings("deprecation") // the way that every version has
  public Outcome send(Call call) throws Exception {
    Order order = call.order();
    CloseableHttpClient client = clients.computeIfAbsent(order.setup(), HttpClient5::client);
    HttpUriRequestBase request = new HttpUriRequestBase(order.method(), URI.create(order.uri()));
    order.headers().forEach(header -> request.addHeader(header.name(), header.value()));
    request.setConfig(config(order));
    Body body = order.body();
    if (body.kind() == Body.Kind.BYTES) {
      request.setEntity(new ByteArrayEntity(body.content(), ContentType.TEXT_PLAIN));
    } else if (body.kind() == Body.Kind.STREAMED) {
      request.setEntity(new InputStreamEntity(body.stream(), ContentType.TEXT_PLAIN));
    }
    call.onCancel(request::abort);
    HttpClientContext context = HttpClientContext.create();
    CloseableHttpResponse response = client.execute(request, context);
    HttpEntity entity = response.getEntity();
    return call.answered(
        response.getCode(),
        response.getVersion() == null ? "" : response.getVersion().toString(),
        location(order, context),
        headers(response),
        new Closing(
            entity == null ? InputStream.nullInputStream() : entity.getContent(), response));
  }

  /** The application's timeout. */
  static RequestConfig config(Order order) {
    RequestConfig.Builder builder = RequestConfig.custom();
    if (order.timeoutMillis() > 0) {
      builder.setResponseTimeout(Timeout.ofMilliseconds(order.timeoutMillis()));
    }
    return builder.build();
  }

  /** Where the response came from. */
  static String location(Order order, HttpClientContext context) {
    RedirectLocations locations = context.getRedirectLocations();
    return locations == null || locations.size() == 0
        ? order.uri()
        : locations.get(locations.size() - 1).toString();
  }

  /** A response's headers. */
  static List<Header> headers(HttpResponse response) {
    return Arrays.stream(response.getHeaders())
        .map(header -> new Header(header.getName(), String.valueOf(header.getValue())))
        .toList();
  }

  private static CloseableHttpClient client(Setup setup) {
    HttpClientBuilder builder = HttpClients.custom();
    if (!setup.redirects()) {
      builder.disableRedirectHandling();
    }
    if (!setup.cookies()) {
      builder.disableCookieManagement();
    }
    if (!setup.proxy().isEmpty()) {
      builder.setProxy(new HttpHost(setup.proxyHost(), setup.proxyPort()));
    }
    return builder.build();
  }

  @Override
  public void close() throws IOException {
    for (CloseableHttpClient client : clients.values()) {
      client.close();
    }
  }

  /** Closing the body closes the response, as an application does. */
  private static final class Closing extends FilterInputStream {
    private final CloseableHttpResponse response;

    Closing(InputStream content, CloseableHttpResponse response) {
      super(content);
      this.response = response;
    }

    @Override
    public void close() throws IOException {
      response.close();
    }
  }
}
