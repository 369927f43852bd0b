package dev.weft.instrumentation.httpurlconnection;

import static net.bytebuddy.matcher.ElementMatchers.isStatic;
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
 * {@code HttpURLConnection} since JDK 17. Every plain connection, pooled or new, comes out of the
 * five-argument {@code HttpClient.New}; every request goes through {@code
 * HttpClient.writeRequests}, every response's headers through {@code HttpClient.parseHTTP}.
 */
public final class HttpUrlConnectionInstrumentation implements Instrumentation {
  static final String NAME = "http-url-connection";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "sun.net.www.http.HttpClient",
            List.of(
                new Weave(
                    isStatic()
                        .and(named("New"))
                        .and(takesArguments(5))
                        .and(
                            takesArgument(4, named("sun.net.www.protocol.http.HttpURLConnection"))),
                    NewClientAdvice.class.getName()),
                new Weave(
                    named("writeRequests").and(takesArguments(3)),
                    WriteRequestsAdvice.class.getName()),
                new Weave(named("parseHTTP"), ParseAdvice.class.getName()),
                new Weave(named("parseHTTPHeader"), ParseHeaderAdvice.class.getName()))),
        new TypeWeave(
            "sun.net.www.protocol.http.HttpURLConnection",
            List.of(
                new Weave(
                    named("getInputStream0").or(named("getOutputStream0")),
                    FailureAdvice.class.getName()),
                new Weave(
                    named("disconnect").and(takesNoArguments()),
                    DisconnectAdvice.class.getName()))));
  }

  @Override
  public Map<String, List<String>> opens() {
    return Map.of(
        "java.base", List.of("sun.net.www", "sun.net.www.http", "sun.net.www.protocol.http"));
  }
}
