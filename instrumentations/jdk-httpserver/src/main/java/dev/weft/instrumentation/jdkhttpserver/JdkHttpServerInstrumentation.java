package dev.weft.instrumentation.jdkhttpserver;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;
import java.util.Map;

/**
 * The JDK's HTTP server since JDK 17. Every request enters the application through the filter chain
 * of its context; responses that the application finishes later are seen in {@code
 * ExchangeImpl.sendResponseHeaders} and {@code close}.
 */
public final class JdkHttpServerInstrumentation implements Instrumentation {
  static final String NAME = "jdk-httpserver";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "com.sun.net.httpserver.Filter$Chain",
            List.of(
                new Weave(
                    named("doFilter").and(takesArguments(1)), FilterChainAdvice.class.getName()))),
        new TypeWeave(
            "sun.net.httpserver.ExchangeImpl",
            List.of(
                new Weave(
                    named("sendResponseHeaders").and(takesArguments(2)),
                    SendResponseHeadersAdvice.class.getName()),
                new Weave(named("close").and(takesNoArguments()), CloseAdvice.class.getName()))),
        new TypeWeave(
            "sun.net.httpserver.ServerImpl",
            List.of(
                new Weave(named("start").and(takesNoArguments()), StartAdvice.class.getName()),
                new Weave(named("stop").and(takesArguments(1)), StopAdvice.class.getName()))));
  }

  @Override
  public Map<String, List<String>> opens() {
    return Map.of("jdk.httpserver", List.of("sun.net.httpserver"));
  }
}
