package dev.weft.instrumentation.okhttp;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * OkHttp 4.5 to 5. Every call, also of a web socket, makes one chain of interceptors, and each hop
 * of it (the request, a redirect, an answered challenge) that no cache answers comes to {@code
 * ConnectInterceptor}. The connection pool is keyed by {@code Address}; what is dialled is a {@code
 * Route}.
 */
public final class OkHttpInstrumentation implements Instrumentation {
  static final String NAME = "okhttp";

  private static final String CONNECTION = "okhttp3.internal.connection";
  private static final String HTTP = "okhttp3.internal.http";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            HTTP + ".RealInterceptorChain",
            List.of(
                new Weave(
                    isConstructor()
                        .and(takesArgument(1, List.class))
                        .and(takesArgument(2, int.class))
                        .and(takesArgument(5, int.class)),
                    ChainAdvice.class.getName()))),
        new TypeWeave(
            CONNECTION + ".RealCall",
            List.of(
                new Weave(named("enqueue").and(takesArguments(1)), EnqueueAdvice.class.getName()),
                new Weave(named("enterNetworkInterceptorExchange"), EnterAdvice.class.getName()),
                new Weave(named("cancel").and(takesArguments(0)), CancelAdvice.class.getName()))),
        new TypeWeave(
            CONNECTION + ".RealCall$AsyncCall",
            List.of(new Weave(named("run").and(takesArguments(0)), RunAdvice.class.getName()))),
        new TypeWeave(
            CONNECTION + ".Exchange",
            List.of(
                new Weave(named("writeRequestHeaders"), WriteAdvice.class.getName()),
                new Weave(named("openResponseBody"), BodyAdvice.class.getName()))),
        new TypeWeave(
            "okhttp3.Address",
            List.of(
                new Weave(isConstructor().and(takesArguments(12)), AddressAdvice.class.getName()))),
        new TypeWeave(
            "okhttp3.Route",
            List.of(
                new Weave(
                    isConstructor().and(takesArgument(2, InetSocketAddress.class)),
                    RouteAdvice.class.getName()))),
        // In OkHttp 5 an interface, whose methods need nothing; its class is the next one.
        new TypeWeave(
            CONNECTION + ".ExchangeFinder",
            List.of(
                new Weave(
                    named("sameHostAndPort").or(isAbstract()), SameHostAdvice.class.getName()))),
        new TypeWeave(
            CONNECTION + ".RealRoutePlanner",
            List.of(new Weave(named("sameHostAndPort"), SameHostAdvice.class.getName()))));
  }

  /** Since 5.2 OkHttp can be a named module. */
  @Override
  public Map<String, List<String>> opens() {
    return Map.of("okhttp3", List.of(CONNECTION, HTTP, "okhttp3.internal.http2"));
  }
}
