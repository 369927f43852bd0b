package dev.weft.instrumentation.httpclient5;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;

/**
 * The classic client of HttpClient 5: each {@code HttpClientBuilder}, also the caching one, builds
 * our handler into the client's execution chain, as an application could itself.
 */
public final class HttpClient5Instrumentation implements Instrumentation {
  static final String NAME = "httpclient5";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "org.apache.hc.client5.http.impl.classic.HttpClientBuilder",
            List.of(
                new Weave(named("build").and(takesNoArguments()), BuildAdvice.class.getName()))));
  }
}
