package dev.weft.instrumentation.reactornetty;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;

/**
 * Reactor Netty since 1.0. Every request, whoever asks for it, is a subscription to {@code
 * MonoHttpConnect}; the address that is dialled, and by which the pools (HTTP/1.1 and h2c) are
 * keyed, is what {@code HttpClientHandler} supplies; the same object has the URI that is asked for,
 * and decides whether the library repeats the request or follows a redirect by itself.
 */
public final class ReactorNettyInstrumentation implements Instrumentation {
  static final String NAME = "reactor-netty";

  private static final String CONNECT = "reactor.netty.http.client.HttpClientConnect$";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            CONNECT + "MonoHttpConnect",
            List.of(
                new Weave(
                    named("subscribe")
                        .and(takesArguments(1))
                        .and(takesArgument(0, named("reactor.core.CoreSubscriber"))),
                    SubscribeAdvice.class.getName()))),
        new TypeWeave(
            CONNECT + "HttpClientHandler",
            List.of(
                new Weave(named("get").and(takesNoArguments()), AddressAdvice.class.getName()),
                new Weave(named("channel").and(takesArguments(1)), UriAdvice.class.getName()),
                new Weave(
                    named("test")
                        .and(takesArguments(1))
                        .and(takesArgument(0, named("java.lang.Throwable"))),
                    RepeatAdvice.class.getName()))));
  }
}
