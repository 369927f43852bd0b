package clients;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import okhttp3.Callback;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** OkHttp; given up by {@code Call.cancel}. */
public abstract class OkHttp implements Library {
  private final Map<Setup, OkHttpClient> clients = new ConcurrentHashMap<>();

  /** By {@code execute}. */
  public static final class Sync extends OkHttp {
    @Override
    Response exchange(okhttp3.Call call) throws IOException {
      return call.execute();
    }
  }

  /** By {@code enqueue}. */
  public static final class Async extends OkHttp {
    @Override
    Response exchange(okhttp3.Call call) throws Exception {
      Pipe<Response> pipe = new Pipe<>(call::cancel);
      call.enqueue(
          new Callback() {
            @Override
            public void onFailure(okhttp3.Call failed, IOException e) {
              pipe.fail(e);
            }

            @Override
            public void onResponse(okhttp3.Call answered, Response response) {
              pipe.head(response);
            }
          });
      return pipe.await();
    }
  }

  abstract Response exchange(okhttp3.Call call) throws Exception;

  @Override
  public final Outcome send(Call call) throws Exception {
    Order order = call.order();
    OkHttpClient client = clients.computeIfAbsent(order.setup(), OkHttp::client);
    if (order.timeoutMillis() > 0) {
      client =
          client.newBuilder().readTimeout(order.timeoutMillis(), TimeUnit.MILLISECONDS).build();
    }
    if (order.opensWebSocket()) {
      return OkHttpWebSocket.talk(call, client, request(order));
    }
    okhttp3.Call exchange = client.newCall(request(order));
    call.onCancel(exchange::cancel);
    Response response = exchange(exchange);
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < response.headers().size(); i++) {
      headers.add(new Header(response.headers().name(i), response.headers().value(i)));
    }
    ResponseBody body = response.body();
    if (body == null) {
      throw new IllegalStateException("a response without body");
    }
    return call.answered(
        response.code(),
        response.protocol().toString(),
        response.request().url().toString(),
        headers,
        body.byteStream());
  }

  private static OkHttpClient client(Setup setup) {
    OkHttpClient.Builder builder = new OkHttpClient.Builder().followRedirects(setup.redirects());
    if (setup.cookies()) {
      builder.cookieJar(new Jar());
    }
    if (!setup.proxy().isEmpty()) {
      builder.proxy(
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress(setup.proxyHost(), setup.proxyPort())));
    }
    return builder.build();
  }

  private static Request request(Order order) {
    boolean needed = List.of("POST", "PUT", "PATCH").contains(order.method());
    RequestBody body =
        !needed && (order.body().kind() == Body.Kind.NONE || order.opensWebSocket())
            ? null
            : new Content(order.body());
    Request.Builder builder = new Request.Builder().url(order.uri()).method(order.method(), body);
    order.headers().forEach(header -> builder.addHeader(header.name(), header.value()));
    return builder.build();
  }

  @Override
  public final void close() {
    for (OkHttpClient client : clients.values()) {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }

  private static final class Content extends RequestBody {
    private final Body body;

    Content(Body body) {
      this.body = body;
    }

    @Override
    public @Nullable MediaType contentType() {
      return null;
    }

    @Override
    public long contentLength() {
      return body.kind() == Body.Kind.STREAMED ? -1 : body.content().length;
    }

    @Override
    public boolean isOneShot() {
      return body.kind() == Body.Kind.STREAMED;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.write(body.content());
    }
  }

  private static final class Jar implements CookieJar {
    private final Map<String, List<Cookie>> cookies = new ConcurrentHashMap<>();

    @Override
    public void saveFromResponse(HttpUrl url, List<Cookie> received) {
      cookies.put(url.host(), received);
    }

    @Override
    public List<Cookie> loadForRequest(HttpUrl url) {
      return cookies.getOrDefault(url.host(), List.of());
    }
  }
}
