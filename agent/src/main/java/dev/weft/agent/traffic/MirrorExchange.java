package dev.weft.agent.traffic;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.Verdict;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One copy of a request on its way; sent once, to one endpoint. Thread-safe. */
final class MirrorExchange implements ClientExchange {
  private static final int HTTP_PORT = 80;

  private final Attempt only;
  private final Runnable done;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * A copy of what an attempt has sent.
   *
   * @param address of the endpoint
   * @param done called once, when nothing more is to come
   */
  MirrorExchange(
      InetSocketAddress address,
      OutboundRequest request,
      Attempt sent,
      Duration connectTimeout,
      Duration limit,
      Runnable done) {
    this.only =
        new Attempt(
            address,
            List.of(), // the copy carries the edits already
            Optional.of(target(request, sent)),
            Duration.ZERO,
            Optional.of(limit),
            connectTimeout);
    this.done = done;
  }

  private static Target target(OutboundRequest request, Attempt sent) {
    String host = request.host();
    String bracketed = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    String authority = request.port() == HTTP_PORT ? bracketed : bracketed + ":" + request.port();
    return new Target(
        Optional.of(sent.target().flatMap(Target::authority).orElse(authority)),
        Optional.of(sent.target().flatMap(Target::pathAndQuery).orElse(request.pathAndQuery())));
  }

  @Override
  public Step first() {
    return only;
  }

  @Override
  public @Nullable Attempt retry(Attempt attempt, Throwable failure, Progress progress) {
    return null;
  }

  @Override
  public Optional<Duration> remaining() {
    return Optional.empty();
  }

  @Override
  public boolean expired() {
    return false;
  }

  @Override
  public String timeoutMessage() {
    return "copy of a request timed out";
  }

  @Override
  public Verdict responded(Attempt attempt, int status, Headers headers) {
    return Deliver.UNCHANGED;
  }

  @Override
  public void end(@Nullable Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      done.run();
    }
  }
}
