package app.chaos;

import clients.Body;
import clients.Call;
import clients.Header;
import clients.Library;
import clients.Order;
import clients.Outcome;
import clients.Setup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Calls other services, and believes no answer that it has not checked. Thread-safe. */
final class Downstream {
  /**
   * The application's own limit: nobody may need it, so who does has found a request that hangs.
   */
  private static final int PATIENCE_MILLIS = 25_000;

  private static final int SUCCESS = 200;

  private final String instance;
  private final Library library;
  private final Journal journal;
  private final AtomicLong calls = new AtomicLong();

  Downstream(String instance, Library library, Journal journal) {
    this.instance = instance;
    this.library = library;
    this.journal = journal;
  }

  /** What went wrong is said. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String what) {
      super(what);
    }
  }

  /**
   * Calls a service.
   *
   * @param tester whose version it wants; empty: any
   * @return those who took part
   */
  List<Hop> call(String service, String method, String request, String tester) throws Failed {
    String call = instance + "-" + calls.incrementAndGet();
    journal.called(call, service, request, method, tester);
    Outcome outcome;
    try {
      outcome = library.send(new Call(order(service, method, request, tester, call), heard -> {}));
    } catch (Exception thrown) {
      String what = chain(thrown);
      journal.threw(call, what);
      throw new Failed(service + ": " + what);
    }
    if (outcome.status() != SUCCESS) {
      String reason = outcome.value("x-weft-reason").orElse("");
      journal.refused(call, outcome.status(), reason);
      throw new Failed(service + ": " + outcome.status() + " " + reason + " " + outcome.text());
    }
    // HttpURLConnection gives a body that ends too early as if that were all of it.
    long announced = outcome.value("content-length").map(Long::valueOf).orElse(outcome.length());
    if (outcome.length() < announced) {
      journal.threw(call, "cut after " + outcome.length() + " of " + announced);
      throw new Failed(service + ": cut");
    }
    try {
      List<Hop> hops = Proof.read(outcome.text(), service, method, request, call);
      journal.right(call, hops.get(0).instance());
      return hops;
    } catch (IllegalArgumentException e) {
      journal.wrong(call, e.getMessage());
      throw new Failed(service + ": " + e.getMessage());
    }
  }

  private static Order order(
      String service, String method, String request, String tester, String call) {
    List<Header> headers = new ArrayList<>();
    headers.add(new Header("x-call", call));
    headers.add(new Header("x-request", request));
    if (!tester.isEmpty()) {
      headers.add(new Header("x-tester", tester));
    }
    return new Order(
        0,
        Setup.PLAIN,
        method,
        "http://" + service + "/" + request,
        List.copyOf(headers),
        body(method, request),
        PATIENCE_MILLIS,
        Order.Reading.ALL);
  }

  /** A GET has none; every fourth of the others is streamed. */
  private static Body body(String method, String request) {
    if (method.equals("GET")) {
      return Body.none();
    }
    String text = Proof.request(request);
    return request.hashCode() % 4 == 0 ? Body.streamed(text) : Body.bytes(text);
  }

  private static String chain(Throwable thrown) {
    StringBuilder chain = new StringBuilder();
    for (Throwable t = thrown; t != null && chain.length() < 1000; t = t.getCause()) {
      chain.append(chain.length() == 0 ? "" : " < ").append(t);
    }
    return chain.toString();
  }
}
