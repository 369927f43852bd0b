package dev.weft.agent.traffic;

import dev.weft.agent.balance.EndpointChoice;
import dev.weft.agent.balance.Picked;
import dev.weft.agent.log.Log;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RequestTarget;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Copies of requests, sent to see what another service makes of them. Their answers are dropped.
 * Whatever becomes of a copy, the request itself neither waits for it nor fails by it: copies have
 * a thread and connections of their own, and are left out when too many are under way. Thread-safe.
 *
 * <p>How: by a client of the JDK under this agent's own instrumentation of it, which asks {@link
 * #exchange} where to go. Its thread is none of the agent's, so that the wire layer secures the
 * connection as any of the application's. Without that instrumentation nothing is copied: the host
 * in the client's hands does not exist.
 */
final class Mirrors {
  /**
   * The host of every copy, in the hands of the client that sends it (RFC 6761: never resolves).
   */
  static final String HOST = "mirror.weft.invalid";

  private static final int MOST_UNDER_WAY = 128;
  private static final int MOST_WAITING = 256;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** What belongs to one connection, or what the client writes by itself. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "transfer-encoding",
          "upgrade");

  /** What the thread is about to send. */
  private static final ThreadLocal<@Nullable ClientExchange> SENDING = new ThreadLocal<>();

  private final Log log;
  private final EndpointChoice choice;
  private final Semaphore places = new Semaphore(MOST_UNDER_WAY);
  private final ThreadPoolExecutor thread;
  private @Nullable HttpClient client;

  Mirrors(Log log, EndpointChoice choice) {
    this.log = log;
    this.choice = choice;
    this.thread =
        new ThreadPoolExecutor(
            0,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Mirrors::thread,
            (dropped, executor) -> ((Sending) dropped).drop());
  }

  /** Not in the agent's own group, whose connections pass the wire layer by. */
  private static Thread thread(Runnable work) {
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) {
      top = top.getParent();
    }
    Thread thread = new Thread(top, work, "weft-mirror", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  /**
   * Sends the copies that a decision wants, those that the dice fall on, soon.
   *
   * @param attempt what was sent, with the edits that it was sent with
   */
  void send(
      Decision.Forward decision,
      MeshSettings mesh,
      Call call,
      OutboundRequest request,
      Attempt attempt,
      RandomGenerator dice) {
    for (Decision.Copy copy : decision.delivery().mirrors()) {
      if (dice.nextInt(copy.denominator()) < copy.numerator()) {
        Decision.Forward forward =
            new Decision.Forward(
                decision.rule(),
                copy.service(),
                copy.endpoints(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty());
        Picked to = choice.choose(forward, mesh, call, Set.of(), dice);
        if (to != null) {
          InetSocketAddress address = to.address(request.host());
          send(copy, request, attempt, address, () -> choice.finished(to));
        }
      }
    }
  }

  /**
   * Sends a copy, soon, unless too many are under way or the body cannot be had again.
   *
   * @param attempt what was sent, with the edits that it was sent with
   * @param to the endpoint
   * @param done called once, when nothing more is to come
   */
  private void send(
      Decision.Copy copy,
      OutboundRequest request,
      Attempt attempt,
      InetSocketAddress to,
      Runnable done) {
    boolean whole = request.body() != OutboundRequest.Body.ONCE;
    byte[] body = whole ? request.bytes() : null;
    if (!whole || (request.body() == OutboundRequest.Body.REPLAYABLE && body == null)) {
      debug(copy, "its body cannot be had again");
      done.run();
    } else if (!places.tryAcquire()) {
      debug(copy, "too many are under way");
      done.run();
    } else {
      ClientExchange exchange =
          new OneStepExchange(
              attempt(request, attempt, to),
              failure -> {
                places.release();
                done.run();
              });
      thread.execute(new Sending(copied(request, attempt, body), exchange));
    }
  }

  /** The copy carries the edits already; the client that sends it does not know for whom. */
  private static Attempt attempt(OutboundRequest request, Attempt sent, InetSocketAddress to) {
    Optional<Target> target = sent.target();
    String authority = RequestTarget.authority(request.host(), request.port(), "http");
    Target same =
        new Target(
            Optional.of(target.flatMap(Target::authority).orElse(authority)),
            Optional.of(target.flatMap(Target::pathAndQuery).orElse(request.pathAndQuery())));
    return new Attempt(
        to,
        List.of(),
        Optional.of(same),
        Duration.ZERO,
        Optional.of(LIMIT),
        ClientTraffic.CONNECT_TIMEOUT);
  }

  /** A copy that waits for the thread. */
  private final class Sending implements Runnable {
    private final HttpRequest copied;
    private final ClientExchange exchange;

    Sending(HttpRequest copied, ClientExchange exchange) {
      this.copied = copied;
      this.exchange = exchange;
    }

    @Override
    public void run() {
      send(copied, exchange);
    }

    void drop() {
      exchange.end(null);
    }
  }

  private void debug(Decision.Copy copy, String why) {
    if (log.debugs()) {
      log.debug("request not mirrored to=" + copy.service().key() + ": " + why);
    }
  }

  private void send(HttpRequest copied, ClientExchange exchange) {
    SENDING.set(exchange);
    try {
      if (client == null) {
        client =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .build();
      }
      var unused =
          client
              .sendAsync(copied, BodyHandlers.discarding())
              .whenComplete((response, failure) -> exchange.end(failure));
    } catch (RuntimeException e) {
      exchange.end(e);
    } finally {
      SENDING.remove();
    }
  }

  /** The copy that this thread is about to send; null: there is none. */
  @Nullable ClientExchange exchange() {
    return SENDING.get();
  }

  private static HttpRequest copied(
      OutboundRequest request, Attempt attempt, byte @Nullable [] body) {
    HttpRequest.Builder copy =
        HttpRequest.newBuilder(URI.create("http://" + HOST + "/"))
            .timeout(LIMIT)
            .method(
                request.method(),
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    for (HeaderField field : headers(request, attempt.requestHeaders())) {
      if (!LEFT_OUT.contains(field.name().toLowerCase(Locale.ROOT))) {
        copy.header(field.name(), field.value());
      }
    }
    return copy.build();
  }

  /** The request's headers after the attempt's edits. */
  private static List<HeaderField> headers(OutboundRequest request, List<HeaderChange> changes) {
    List<HeaderField> fields = new ArrayList<>();
    request.eachHeader((name, value) -> fields.add(new HeaderField(name, value)));
    for (HeaderChange change : changes) {
      if (change.kind() != HeaderChange.Kind.ADD) {
        fields.removeIf(field -> field.name().equalsIgnoreCase(change.name()));
      }
      if (change.kind() != HeaderChange.Kind.REMOVE) {
        fields.add(new HeaderField(change.name(), change.value()));
      }
    }
    return fields;
  }
}
