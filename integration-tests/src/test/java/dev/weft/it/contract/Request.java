package dev.weft.it.contract;

import clients.Body;
import clients.Header;
import clients.Order;
import clients.Setup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A request that a story orders. Immutable. */
record Request(
    String method,
    String uri,
    List<Header> headers,
    Body body,
    Setup setup,
    int timeoutMillis,
    Order.Reading reading) {
  private static final AtomicLong IDS = new AtomicLong();

  static Request of(String method, String uri) {
    return new Request(method, uri, List.of(), Body.none(), Setup.PLAIN, 0, Order.Reading.ALL);
  }

  static Request get(String uri) {
    return of("GET", uri);
  }

  static Request post(String uri, Body body) {
    return of("POST", uri).with(body);
  }

  Request header(String name, String value) {
    List<Header> more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new Request(method, uri, List.copyOf(more), body, setup, timeoutMillis, reading);
  }

  Request with(Body other) {
    return new Request(method, uri, headers, other, setup, timeoutMillis, reading);
  }

  Request with(Setup other) {
    return new Request(method, uri, headers, body, other, timeoutMillis, reading);
  }

  /** With the application's own limit for the response. */
  Request within(int millis) {
    return new Request(method, uri, headers, body, setup, millis, reading);
  }

  /** The application closes the response without reading its body. */
  Request leavingTheBody() {
    return new Request(method, uri, headers, body, setup, timeoutMillis, Order.Reading.CLOSE);
  }

  Order order() {
    return new Order(
        IDS.incrementAndGet(), setup, method, uri, headers, body, timeoutMillis, reading);
  }
}
