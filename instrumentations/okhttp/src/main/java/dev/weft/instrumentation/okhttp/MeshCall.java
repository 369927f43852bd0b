package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.BlockingRace;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * One request of the application, over all its attempts. Confined to the call's thread, which the
 * library means to block.
 */
final class MeshCall {
  private final Interceptor.Chain chain;
  private final MeshInterceptor interceptor;
  private final ClientExchange exchange;
  private final Request request;

  MeshCall(Interceptor.Chain chain, MeshInterceptor interceptor, ClientExchange exchange) {
    this.chain = chain;
    this.interceptor = interceptor;
    this.exchange = exchange;
    this.request = chain.request();
  }

  /** Carries the steps out until one ends in a response. */
  Response response() throws IOException {
    try {
      Step first = exchange.first();
      Optional<Duration> delay = exchange.hedgeDelay();
      Request repeatable = delay.isPresent() ? ReplayedBody.in(request) : null;
      return repeatable == null
          ? delivered(Objects.requireNonNull(attempts(null).run(first)), null)
          : raced(first, delay.get(), repeatable);
    } catch (Throwable t) {
      exchange.end(t);
      throw t;
    }
  }

  private Attempts attempts(@Nullable BlockingRace<Answer, RuntimeException> race) {
    return new Attempts(chain, interceptor, exchange, race);
  }

  private Response raced(Step first, Duration delay, Request repeatable) throws IOException {
    BlockingRace<Answer, RuntimeException> race =
        new BlockingRace<>(
            exchange, delay, running -> new RivalCall(chain, repeatable, exchange, running));
    Raced call = Raced.begin(chain.call(), race);
    try {
      Attempts own = attempts(race);
      Answer answer = race.run(own, first, own::look);
      if (answer.rival() == null) {
        call.end();
        return delivered(answer, null);
      }
      call.answered(answer.rival(), Objects.requireNonNull(answer.sending()));
      return delivered(answer, call);
    } catch (Throwable t) {
      call.end();
      throw t;
    }
  }

  /**
   * What the application gets.
   *
   * @param elsewhere what the response came by, if not by the application's call
   */
  private Response delivered(Answer answer, @Nullable Raced elsewhere) {
    Response response = answer.response();
    Sending sending = answer.sending();
    if (sending == null) {
      exchange.end(null);
      return response;
    }
    ResponseBody body = watched(response);
    DeliveredBody delivered = body instanceof DeliveredBody watching ? watching : null;
    Outcome outcome =
        new Outcome(
            exchange,
            sending.ofBody(exchange),
            elsewhere,
            delivered == null ? null : delivered.watched());
    if (delivered == null) {
      outcome.end(null);
    } else {
      delivered.deliver(outcome);
    }
    return edited(response, body, answer.changes());
  }

  /** The response's body, which mostly is watched already, when it has an end. */
  private static @Nullable ResponseBody watched(Response response) {
    ResponseBody body = response.body();
    return body != null
            && !(body instanceof DeliveredBody)
            && DeliveredBody.hasEnd(response.code(), body)
        ? DeliveredBody.of(body)
        : body;
  }

  /** Itself, when there is nothing to change: a copy is as large as the rest of an answer. */
  @SuppressWarnings("ReferenceEquality") // an equal request of another hop or call is not this one
  private Response edited(
      Response response, @Nullable ResponseBody body, List<HeaderChange> changes) {
    if (changes.isEmpty() && response.request() == request && response.body() == body) {
      return response;
    }
    Response.Builder edited = response.newBuilder().request(request);
    if (!changes.isEmpty()) {
      edited.headers(HeaderEdits.apply(response.headers(), changes));
    }
    if (body != null) {
      edited.body(body);
    }
    return edited.build();
  }
}
