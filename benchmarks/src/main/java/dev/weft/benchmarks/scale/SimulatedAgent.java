package dev.weft.benchmarks.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One agent as docs/protocol.md has it, without an application: enrols, watches, checks what it
 * gets, reports, renews, and comes back. A stream and a connection for calls, as the real one.
 * Confined to its event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers of a simulation
final class SimulatedAgent {
  private static final int REPORT_MILLIS = 10_000;
  private static final int COALESCE_MILLIS = 20;

  private final Options options;
  private final int service;
  private final String address;
  private final InetSocketAddress server;
  private final KnownServers servers;
  private final SslContext anonymous;
  private final EventLoop loop;
  private final Board board;
  private final UUID instance = UUID.randomUUID();
  private final PartHashes parts = new PartHashes();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private String listening;
  private @Nullable SslContext identity;
  private @Nullable Exchange calls;
  private boolean callsStand;
  private boolean callsBusy;
  private boolean reportDue;
  private boolean changeDue;
  private boolean reportScheduled;
  private boolean everReported;
  private long reporting;
  private @Nullable Future<?> nextReport;
  private @Nullable KeyPair renewing;
  private boolean renewalSent;
  private int failures;
  private boolean stands;

  SimulatedAgent(
      Options options,
      int number,
      InetSocketAddress server,
      KnownServers servers,
      SslContext anonymous,
      EventLoop loop,
      Board board) {
    this.options = options;
    this.service = number % options.services();
    this.address = "10." + (number >> 16) + "." + ((number >> 8) & 255) + "." + (number & 255);
    this.server = server;
    this.servers = servers;
    this.anonymous = anonymous;
    this.loop = loop;
    this.board = board;
    this.listening = ports(options.ports());
  }

  private static String ports(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Integer.toString(PolicyFiles.FIRST_PORT + i))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** Enrols and watches; done with the first snapshot. */
  CompletableFuture<Void> begin(String token) {
    KeyPair key = Identity.key();
    String request =
        "{\"token\":\""
            + token
            + "\",\"csr\":\""
            + Identity.request(key)
            + "\",\"workload\":{\"service\":\""
            + options.service(service)
            + "\"}}";
    Exchange[] exchange = new Exchange[1];
    exchange[0] =
        Exchange.open(
            server,
            anonymous,
            loop,
            board.traffic,
            new Exchange.Listener() {
              @Override
              public void connected() {
                exchange[0].post("/v1/enroll", request, false);
              }

              @Override
              public void answered(int status, int retryAfter, byte[] body) {
                exchange[0].close();
                if (status == 200) {
                  become(key, body);
                  board.enrolled.increment();
                  watch();
                }
              }

              @Override
              public void line(byte[] line) {}

              @Override
              public void closed(boolean refused) {
                if (identity == null) {
                  loop.schedule(() -> begin(token), 500 + random(1500), TimeUnit.MILLISECONDS);
                }
              }
            });
    return ready;
  }

  private void become(KeyPair key, byte[] answer) {
    try {
      identity = Identity.of(key, answer, servers);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void watch() {
    SslContext own = identity;
    if (own == null) {
      return;
    }
    Exchange[] exchange = new Exchange[1];
    exchange[0] = Exchange.open(server, own, loop, board.traffic, new Stream(exchange));
  }

  /** The watch stream. */
  private final class Stream implements Exchange.Listener {
    private final Exchange[] exchange;
    private boolean up;
    private long pause = -1;

    Stream(Exchange[] exchange) {
      this.exchange = exchange;
    }

    @Override
    public void connected() {
      exchange[0].post("/v1/watch", watchBody(), true);
    }

    @Override
    public void answered(int status, int retryAfter, byte[] body) {
      if (status == 503 || status == 429) {
        board.busy.increment();
        long base = Math.max(100, 1000L * retryAfter);
        pause = base + random(base);
      } else {
        System.err.println("scale: watch answered " + status + " " + new String(body, UTF_8));
      }
      exchange[0].close();
    }

    @Override
    public void line(byte[] line) {
      if (!up) {
        up = true;
        stands = true;
        failures = 0;
        board.streams.incrementAndGet();
        // What the watch has said already is reported at leisure.
        reportIn(everReported ? random(REPORT_MILLIS) : 0);
      }
      if (parts.take(line)) {
        board.lines.increment();
        ready.complete(null);
        report(true);
      }
    }

    @Override
    public void closed(boolean refused) {
      if (up) {
        stands = false;
        board.streams.decrementAndGet();
        board.lost.increment();
      }
      failures = refused ? Math.min(failures, 2) : failures; // up to 4 s
      long limit = Math.min(30_000, 1000L << Math.min(failures++, 5));
      long wait = pause >= 0 ? pause : random(limit);
      loop.schedule(SimulatedAgent.this::watch, wait, TimeUnit.MILLISECONDS);
    }
  }

  private String watchBody() {
    String policy =
        parts.epoch().isEmpty()
            ? ""
            : ",\"policy\":{\"epoch\":\""
                + parts.epoch()
                + "\",\"generation\":"
                + parts.generation()
                + "}";
    return "{\"protocol\":2,\"instance\":\""
        + instance
        + "\",\"workload\":{\"service\":\""
        + options.service(service)
        + "\",\"namespace\":\""
        + options.namespace(service)
        + "\",\"serviceAccount\":\"\",\"labels\":{\"version\":\"v1\"},\"address\":\""
        + address
        + "\",\"ports\":{}},\"listening\":"
        + listening
        + ",\"version\":\""
        + parts.version()
        + "\",\"held\":\""
        + parts.held()
        + "\",\"want\":[]"
        + policy
        + "}";
  }

  /** Opens or closes a port, as far as the server is told. */
  void listenOn(int count) {
    loop.execute(
        () -> {
          listening = ports(count);
          report(true);
        });
  }

  /** Gets a new certificate. */
  void renew() {
    loop.execute(
        () -> {
          if (renewing == null) {
            renewing = Identity.key();
            renewalSent = false;
            board.renewalsBegun.increment();
            nextCall();
          }
        });
  }

  private void reportIn(long millis) {
    if (nextReport != null) {
      nextReport.cancel(false);
    }
    nextReport = loop.schedule(() -> report(false), millis, TimeUnit.MILLISECONDS);
  }

  private void report(boolean soon) {
    if (soon) {
      changeDue = true;
    }
    reportDue = true;
    if (!reportScheduled) {
      reportScheduled = true;
      loop.schedule(
          () -> {
            reportScheduled = false;
            nextCall();
          },
          COALESCE_MILLIS,
          TimeUnit.MILLISECONDS);
    }
  }

  /** Sends what is due over the connection for calls, which is made when it is needed. */
  private void nextCall() {
    boolean renewalDue = renewing != null && !renewalSent;
    if (callsBusy || (!renewalDue && !(reportDue && stands))) {
      return;
    }
    Exchange open = calls;
    if (open == null) {
      callsStand = false;
      Exchange[] exchange = new Exchange[1];
      exchange[0] = Exchange.open(server, identity(), loop, board.traffic, new Calls(exchange));
      calls = exchange[0];
    } else if (callsStand) {
      callsBusy = true;
      KeyPair key = renewing;
      if (key != null && !renewalSent) {
        renewalSent = true;
        open.post("/v1/renew", "{\"csr\":\"" + Identity.request(key) + "\"}", false);
      } else {
        reportDue = false;
        reporting = changeDue ? parts.generation() : 0;
        changeDue = false;
        open.post("/v1/report", reportBody(), false);
      }
    }
  }

  private SslContext identity() {
    SslContext own = identity;
    if (own == null) {
      throw new IllegalStateException("not enrolled");
    }
    return own;
  }

  private String reportBody() {
    return "{\"instance\":\""
        + instance
        + "\",\"acked\":\""
        + parts.version()
        + "\",\"nacked\":null,\"listening\":"
        + listening
        + ",\"status\":{\"hooksOff\":{},\"connections\":[]}}";
  }

  /** The connection for calls. */
  private final class Calls implements Exchange.Listener {
    private final Exchange[] exchange;

    Calls(Exchange[] exchange) {
      this.exchange = exchange;
    }

    @Override
    public void connected() {
      callsStand = true;
      nextCall();
    }

    @Override
    public void answered(int status, int retryAfter, byte[] body) {
      callsBusy = false;
      KeyPair key = renewing;
      if (key != null && renewalSent) {
        renewing = null;
        if (status == 200) {
          board.renewalsDone.increment();
          become(key, body);
          calls = null; // the next call shows the new certificate
          exchange[0].close();
        } else {
          board.renewalsFailed.increment();
        }
      } else if (status == 200) {
        everReported = true;
        if (reporting > 0) {
          board.acknowledged(reporting);
        }
        reportIn(REPORT_MILLIS);
      } else {
        changeDue |= reporting > 0;
        reportIn(1000);
      }
      nextCall();
    }

    @Override
    public void line(byte[] line) {}

    @Override
    public void closed(boolean refused) {
      if (calls != exchange[0]) {
        return;
      }
      calls = null;
      callsStand = false;
      if (callsBusy) {
        callsBusy = false;
        reportDue = true;
      }
      if (renewing != null && renewalSent) {
        renewalSent = false; // as the real agent: it tries again until the old one ends
        board.renewalsFailed.increment();
      }
      loop.schedule(SimulatedAgent.this::nextCall, 500 + random(1000), TimeUnit.MILLISECONDS);
    }
  }

  private static long random(long below) {
    return below <= 0 ? 0 : ThreadLocalRandom.current().nextLong(below);
  }
}
