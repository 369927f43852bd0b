package dev.weft.instrumentation.tomcat;

import dev.weft.instrumentation.ServerExchange;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import org.apache.catalina.connector.Response;

/** Ends an exchange when its asynchronous request is complete. Thread-safe. */
final class CompletionListener implements AsyncListener {
  private final ServerExchange exchange;
  private final Response response;

  CompletionListener(ServerExchange exchange, Response response) {
    this.exchange = exchange;
    this.response = response;
  }

  @Override
  public void onComplete(AsyncEvent event) {
    exchange.end(response.getStatus(), event.getThrowable());
  }

  @Override
  public void onTimeout(AsyncEvent event) {} // completed or dispatched afterwards

  @Override
  public void onError(AsyncEvent event) {} // completed or dispatched afterwards

  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this); // a restart drops all listeners
  }
}
