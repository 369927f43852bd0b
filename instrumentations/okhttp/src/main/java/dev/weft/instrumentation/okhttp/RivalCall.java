package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.BlockingRace;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Step;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * A call beside the application's, which has one connection at a time. It shares the application's
 * pool, and begins where {@link MeshInterceptor} is: of the application's interceptors only those
 * of the network see it, no dispatcher and no event listener does. Confined to its thread, but for
 * {@link #breakOff}.
 */
final class RivalCall implements Interceptor, BlockingRace.Contender<Answer, RuntimeException> {
  private final ClientExchange exchange;
  private final BlockingRace<Answer, RuntimeException> race;
  private final Call call;
  private @Nullable Step first;
  private @Nullable Answer answer;

  /** Guarded, as is {@link #lost}. */
  private @Nullable Attempts attempts;

  private boolean lost;

  /**
   * One that has not begun.
   *
   * @param beside the chain of the application's call
   * @param request its body can be written beside the application's own
   */
  RivalCall(
      Interceptor.Chain beside,
      Request request,
      ClientExchange exchange,
      BlockingRace<Answer, RuntimeException> race) {
    this.exchange = exchange;
    this.race = race;
    OkHttpClient.Builder client =
        LibraryCall.client(beside)
            .newBuilder()
            .eventListener(EventListener.NONE)
            .connectTimeout(beside.connectTimeoutMillis(), TimeUnit.MILLISECONDS)
            .readTimeout(beside.readTimeoutMillis(), TimeUnit.MILLISECONDS)
            .writeTimeout(beside.writeTimeoutMillis(), TimeUnit.MILLISECONDS);
    LibraryCall.likewise(beside, client);
    client.interceptors().clear();
    this.call = client.addInterceptor(this).build().newCall(request);
  }

  @Override
  public @Nullable Answer run(Step step) throws IOException {
    first = step;
    try {
      LibraryCall.response(call);
    } catch (Outrun e) {
      return null;
    }
    return Objects.requireNonNull(answer).by(call);
  }

  /** {@link MeshInterceptor} stands for it. */
  @Override
  public Response intercept(Chain chain) throws IOException {
    return chain.proceed(chain.request());
  }

  /** The chain has begun. */
  Response respond(Chain chain, MeshInterceptor by) throws IOException {
    Attempts ours = new Attempts(chain, by, exchange, race);
    synchronized (this) {
      attempts = ours;
      if (lost) {
        ours.breakOff();
      }
    }
    answer = ours.run(Objects.requireNonNull(first));
    if (answer == null) {
      throw new Outrun();
    }
    return answer.response();
  }

  @Override
  public void breakOff() {
    synchronized (this) {
      lost = true;
      if (attempts != null) {
        attempts.breakOff();
      }
    }
    call.cancel();
  }

  @Override
  public void discard(Answer unwanted) {
    unwanted.discard();
  }

  /** Ends the chain without a response. */
  private static final class Outrun extends IOException {
    private static final long serialVersionUID = 1;

    Outrun() {
      super("another attempt has won");
    }
  }
}
