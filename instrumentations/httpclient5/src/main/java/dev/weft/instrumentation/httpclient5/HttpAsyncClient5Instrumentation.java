package dev.weft.instrumentation.httpclient5;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;

/**
 * The asynchronous clients of HttpClient 5: {@code HttpAsyncClientBuilder} and, for HTTP/2 only,
 * {@code H2AsyncClientBuilder} build our handler into the client's execution chain.
 */
public final class HttpAsyncClient5Instrumentation implements Instrumentation {
  static final String NAME = "httpclient5-async";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder",
            List.of(
                new Weave(
                    named("build").and(takesNoArguments()), BuildAsyncAdvice.class.getName()))),
        new TypeWeave(
            "org.apache.hc.client5.http.impl.async.H2AsyncClientBuilder",
            List.of(
                new Weave(named("build").and(takesNoArguments()), BuildH2Advice.class.getName()))));
  }
}
