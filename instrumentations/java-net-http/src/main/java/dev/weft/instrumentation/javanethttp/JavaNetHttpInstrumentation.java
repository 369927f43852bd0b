package dev.weft.instrumentation.javanethttp;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;
import java.util.Map;

/**
 * {@code java.net.http.HttpClient} since JDK 17. Every request, synchronous or not, passes the
 * four-argument {@code HttpClientImpl.sendAsync}; the address that is dialled, and by which both
 * connection pools (HTTP/1.1 and h2c) are keyed, is {@code HttpRequestImpl.getAddress()}.
 */
public final class JavaNetHttpInstrumentation implements Instrumentation {
  static final String NAME = "java-net-http";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "jdk.internal.net.http.HttpClientImpl",
            List.of(
                new Weave(
                    named("sendAsync").and(takesArguments(4)), SendAsyncAdvice.class.getName()))),
        new TypeWeave(
            "jdk.internal.net.http.HttpRequestImpl",
            List.of(
                new Weave(
                    isConstructor()
                        .and(takesArguments(2))
                        .and(takesArgument(0, named("java.net.http.HttpRequest")))
                        .and(takesArgument(1, named("java.net.ProxySelector"))),
                    CopyRequestAdvice.class.getName()),
                new Weave(
                    named("getAddress").and(takesNoArguments()),
                    GetAddressAdvice.class.getName()))),
        new TypeWeave(
            "jdk.internal.net.http.MultiExchange",
            List.of(
                new Weave(
                    named("remainingConnectTimeout").and(takesNoArguments()),
                    ConnectTimeoutAdvice.class.getName()))),
        new TypeWeave(
            "jdk.internal.net.http.ResponseSubscribers$TrustedSubscriber",
            List.of(
                new Weave(
                    named("needsExecutor").and(takesArguments(1)),
                    NeedsExecutorAdvice.class.getName()))));
  }

  @Override
  public Map<String, List<String>> opens() {
    return Map.of("java.net.http", List.of("java.net.http", "jdk.internal.net.http"));
  }
}
