package dev.weft.instrumentation.httpurlconnection;

import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.StoredCookies;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.CookieHandler;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries the mesh's decisions out on {@code HttpURLConnection}.
 *
 * <p>A request begins when the library asks for a connection ({@link #dial}) and ends when the
 * response's headers are parsed ({@link #parse}); a redirect or an answered challenge begins a new
 * one. The connection is asked for under the endpoint's URL, so the library's keep-alive cache is
 * keyed by endpoint; its own URL, and with it {@code Host}, stays the application's.
 */
final class HttpUrlConnectionAdapter {
  private HttpUrlConnectionAdapter() {}

  /** A connection for the request, an {@code HttpClient}; null: none of the mesh's business. */
  static @Nullable Object dial(
      URL url,
      @Nullable Proxy proxy,
      int connectTimeout,
      boolean useCache,
      @Nullable HttpURLConnection connection)
      throws IOException {
    if (connection == null
        || !"http".equalsIgnoreCase(url.getProtocol())
        || (proxy != null && proxy.type() != Proxy.Type.DIRECT)) {
      return null;
    }
    PendingCall pending = PendingCalls.of(connection);
    if (pending != null && pending.reentered) {
      return null; // our own call below
    }
    if (pending != null) {
      // Writing the request failed, and the library asks for a new connection by itself.
      IOException failure = new IOException("Error writing to server");
      Step next = pending.exchange.retry(pending.attempt(), failure, Progress.SENT);
      if (next != null) {
        begin(pending, next, connection);
      }
      return connect(pending, connection, url, connectTimeout, useCache);
    }
    if (!Mesh.client().knows(url.getHost())) {
      return null;
    }
    ClientExchange exchange =
        Mesh.client()
            .begin(HttpUrlConnectionInstrumentation.NAME, new ApplicationRequest(url, connection));
    if (exchange == null) {
      return null;
    }
    Step first = exchange.first();
    if (first instanceof LocalReply reply) {
      try {
        sleep(reply.pause());
      } finally {
        exchange.end(null);
      }
      return JdkHttp.answering(url, new ReplySocket(reply, connection.getRequestMethod()));
    }
    PendingCall call = new PendingCall(exchange, (Attempt) first);
    PendingCalls.put(connection, call);
    begin(call, (Attempt) first, connection);
    return connect(call, connection, url, connectTimeout, useCache);
  }

  /**
   * Connects to the current attempt's endpoint, else to the next one, until the mesh gives up or
   * answers itself.
   */
  private static Object connect(
      PendingCall call, HttpURLConnection connection, URL url, int connectTimeout, boolean useCache)
      throws IOException {
    while (true) {
      LocalReply reply = call.reply();
      if (reply != null) {
        return JdkHttp.answering(url, new ReplySocket(reply, connection.getRequestMethod()));
      }
      Attempt attempt = call.attempt();
      call.reentered = true;
      try {
        int limit = (int) attempt.connectTimeout().toMillis();
        Object client =
            JdkHttp.newClient(
                endpointUrl(url, attempt.unnamed()),
                call.bounded(connectTimeout > 0 ? Math.min(connectTimeout, limit) : limit),
                useCache,
                connection);
        call.fresh = !JdkHttp.cached(client);
        PendingCalls.put(client, call);
        return client;
      } catch (IOException e) {
        Step next = call.exchange.retry(attempt, e, Progress.UNSENT);
        if (next == null) {
          throw failed(call, connection, e);
        }
        begin(call, next, connection);
      } finally {
        call.reentered = false;
      }
    }
  }

  /** The copy of the request's headers that goes over the wire; null: as they are. */
  static @Nullable Object edited(Object client, Object head) {
    PendingCall call = PendingCalls.of(client);
    if (call == null) {
      return null;
    }
    Attempt attempt = call.attempt();
    if (attempt.requestHeaders().isEmpty() && attempt.target().isEmpty()) {
      return null;
    }
    Object copy = JdkHttp.copy(head);
    attempt.target().ifPresent(target -> retarget(copy, target));
    apply(copy, attempt.requestHeaders());
    return copy;
  }

  private static void retarget(Object head, Target target) {
    target.authority().ifPresent(authority -> JdkHttp.set(head, "Host", authority));
    String line = JdkHttp.requestLine(head);
    if (line != null && target.pathAndQuery().isPresent()) {
      String method = line.substring(0, line.indexOf(' '));
      String version = line.substring(line.lastIndexOf(' ') + 1);
      JdkHttp.requestLine(head, method + " " + target.pathAndQuery().get() + " " + version);
    }
  }

  /** What {@code parseHTTP} returns, with as many attempts as the mesh allows; null: run it. */
  static @Nullable Object parse(Object first, Object[] arguments) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) arguments[arguments.length - 1];
    PendingCall call = connection == null ? null : PendingCalls.of(connection);
    if (connection == null || call == null || call.reentered) {
      return null; // not ours, or the library's own repetition inside its method
    }
    Object responses = arguments[0];
    Object client = first;
    while (true) {
      call.reentered = true;
      try {
        JdkHttp.readTimeout(client, call.bounded(JdkHttp.readTimeout(client)));
        Object parsed = JdkHttp.parse(client, arguments);
        if (call.reply() != null) {
          end(connection, null);
          return parsed;
        }
        int status = JdkHttp.status(responses);
        // For the final response after an interim one the library waits by itself.
        if (status == 100 || answered(call, client, connection, responses, status)) {
          return parsed;
        }
        JdkHttp.close(client); // with the body that nobody wants
      } catch (IOException e) {
        if (e instanceof SocketTimeoutException
            && !JdkHttp.ignoresContinue(client)
            && !call.exchange.expired()) {
          throw e; // no "100 Continue" came: the library sends the body regardless
        }
        PendingCalls.remove(client);
        boolean replayable = !JdkHttp.streaming(connection);
        Step next = replayable ? call.exchange.retry(call.attempt(), e, progress(call, e)) : null;
        if (next == null) {
          throw failed(call, connection, e);
        }
        begin(call, next, connection);
      } finally {
        call.reentered = false;
      }
      client = resend(call, connection, client, responses);
    }
  }

  /** Sends the whole request again on a connection to the current attempt's endpoint. */
  private static Object resend(
      PendingCall call, HttpURLConnection connection, Object failed, Object responses)
      throws IOException {
    Object client =
        connect(call, connection, connection.getURL(), connection.getConnectTimeout(), true);
    JdkHttp.readTimeout(client, connection.getReadTimeout());
    JdkHttp.use(connection, client);
    JdkHttp.reset(responses);
    JdkHttp.write(client, JdkHttp.requests(connection), JdkHttp.poster(failed));
    return client;
  }

  /** Whether the application gets the response; else the next step has begun. */
  private static boolean answered(
      PendingCall call, Object client, HttpURLConnection connection, Object responses, int status)
      throws IOException {
    if (status < 0) {
      end(connection, new IOException("Invalid Http response")); // as the library will say
      return true;
    }
    Verdict verdict =
        call.exchange.responded(call.attempt(), status, name -> JdkHttp.values(responses, name));
    PendingCalls.remove(client);
    if (verdict instanceof Step next) {
      begin(call, next, connection);
      return false;
    }
    List<HeaderChange> changes = ((Deliver) verdict).responseHeaders();
    if (!changes.isEmpty()) { // to know the origin takes a URI, which most need not
      apply(responses, changes);
      StoredCookies.received(CookieHandler.getDefault(), origin(connection.getURL()), changes);
    }
    end(connection, null);
    return true;
  }

  /**
   * Whether the request provably never left: a handshake that failed on a connection which was
   * opened for it. Any other failure while waiting for the answer proves nothing; above all a
   * refused connection here belongs to the library's own repetition.
   */
  private static Progress progress(PendingCall call, IOException failure) {
    return call.fresh && failure instanceof MeshHandshakeException
        ? Progress.UNSENT
        : Progress.SENT;
  }

  /** Ends the request and names what the application gets. */
  private static IOException failed(
      PendingCall call, HttpURLConnection connection, IOException failure) {
    IOException surfaced = failure;
    if (failure instanceof SocketTimeoutException && call.exchange.expired()) {
      surfaced = new SocketTimeoutException(call.exchange.timeoutMessage());
      surfaced.initCause(failure);
    }
    end(connection, surfaced);
    return surfaced;
  }

  /** Ends the connection's request, if one is under way. */
  static void end(Object connection, @Nullable Throwable failure) {
    PendingCall call = PendingCalls.remove(connection);
    if (call != null) {
      call.end(failure);
    }
  }

  /** The application's URL and the endpoint's; null when this is no connection of the mesh. */
  static URL @Nullable [] applicationUrl(URL endpoint, Object[] arguments) {
    Object connection = arguments[arguments.length - 1];
    if (!(connection instanceof HttpURLConnection known) || PendingCalls.of(known) == null) {
      return null;
    }
    return new URL[] {known.getURL(), endpoint};
  }

  private static void apply(Object headers, List<HeaderChange> changes) {
    for (int i = 0; i < changes.size(); i++) { // without an iterator, twice per request
      HeaderChange change = changes.get(i);
      switch (change.kind()) {
        case SET -> JdkHttp.set(headers, change.name(), change.value());
        case ADD -> JdkHttp.add(headers, change.name(), change.value());
        case REMOVE -> JdkHttp.remove(headers, change.name());
      }
    }
  }

  private static URL endpointUrl(URL url, InetSocketAddress endpoint) throws MalformedURLException {
    return new URL(url.getProtocol(), endpoint.getHostString(), endpoint.getPort(), url.getFile());
  }

  /** What cookies are kept by. Everything else of a URL may be no legal part of a URI. */
  static URI origin(URL url) {
    String port = url.getPort() == -1 ? "" : ":" + url.getPort();
    return URI.create("http://" + url.getHost() + port + "/");
  }

  /** Waits as the step says, then starts the clock of an attempt. */
  private static void begin(PendingCall call, Step step, HttpURLConnection connection)
      throws IOException {
    try {
      sleep(step.pause());
    } catch (InterruptedIOException e) {
      throw failed(call, connection, e);
    }
    if (call.exchange.late(step)) {
      throw failed(call, connection, new SocketTimeoutException("timed out"));
    }
    call.begin(step);
  }

  private static void sleep(Duration pause) throws InterruptedIOException {
    if (pause.isZero()) {
      return;
    }
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before an attempt");
    }
  }
}
