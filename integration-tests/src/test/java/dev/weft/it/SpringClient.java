package dev.weft.it;

import java.util.List;

/**
 * A client of the application in the package {@code boot}, and what applications see of it: the
 * same exceptions as without a mesh.
 *
 * @param name the bean's
 * @param throwing what it throws for a response with an error's status
 * @param timeout what it throws when the time is up, and the causes of that, the first few
 * @param body whether it can send a body again
 */
record SpringClient(String name, Throwing throwing, List<String> timeout, Body body) {
  private static final String SOCKET = "java.net.SocketTimeoutException";
  private static final String JDK = "java.net.http.HttpTimeoutException";
  private static final String NETTY = "io.netty.handler.timeout.ReadTimeoutException";
  private static final String REST = "org.springframework.web.client.ResourceAccessException";
  private static final String WEB =
      "org.springframework.web.reactive.function.client.WebClientRequestException";
  private static final String FEIGN = "feign.RetryableException";

  /** Those of both versions of Spring Boot. */
  static final List<SpringClient> COMMON =
      List.of(
          new SpringClient("resttemplate", Throwing.REST, List.of(REST, SOCKET), Body.AGAIN),
          new SpringClient("resttemplate-jdk", Throwing.REST, List.of(REST, JDK), Body.ONCE),
          new SpringClient("resttemplate-simple", Throwing.REST, List.of(REST, SOCKET), Body.ONCE),
          new SpringClient("restclient", Throwing.REST, List.of(REST, SOCKET), Body.AGAIN),
          new SpringClient("restclient-jdk", Throwing.REST, List.of(REST, JDK), Body.ONCE),
          new SpringClient(
              "restclient-reactor",
              Throwing.REST,
              List.of(REST, "java.io.IOException", NETTY),
              Body.ONCE),
          new SpringClient("restclient-simple", Throwing.REST, List.of(REST, SOCKET), Body.ONCE),
          new SpringClient("webclient", Throwing.WEB, List.of(WEB, NETTY), Body.AGAIN),
          new SpringClient("webclient-hc5", Throwing.WEB, List.of(WEB, SOCKET), Body.ONCE),
          new SpringClient("webclient-jdk", Throwing.WEB, List.of(WEB, JDK), Body.ONCE),
          new SpringClient("feign", Throwing.FEIGN, List.of(FEIGN, SOCKET), Body.AGAIN),
          new SpringClient("feign-hc5", Throwing.FEIGN, List.of(FEIGN, SOCKET), Body.AGAIN),
          new SpringClient("feign-jdk", Throwing.FEIGN, List.of(FEIGN, JDK), Body.AGAIN),
          new SpringClient("feign-okhttp", Throwing.FEIGN, List.of(FEIGN, SOCKET), Body.AGAIN),
          new SpringClient(
              "feign-urlconnection", Throwing.FEIGN, List.of(FEIGN, SOCKET), Body.ONCE),
          new SpringClient("retrofit", Throwing.NOTHING, List.of(SOCKET), Body.AGAIN),
          new SpringClient(
              "retrofit-future",
              Throwing.NOTHING,
              List.of("java.util.concurrent.ExecutionException", SOCKET),
              Body.AGAIN));

  /** Spring Framework 7 has no request factory for OkHttp. */
  static final List<SpringClient> ONLY_IN_BOOT_3 =
      List.of(
          new SpringClient(
              "resttemplate-okhttp", Throwing.REST, List.of(REST, SOCKET), Body.AGAIN));

  /** Whether a rule that repeats requests by status finds its body again. */
  enum Body {
    AGAIN,
    /** Spring, or Feign, gives it to the library as a stream. */
    ONCE
  }

  /** What a status that is an error becomes. */
  enum Throwing {
    REST(
        "org.springframework.web.client.HttpClientErrorException$",
        "org.springframework.web.client.HttpServerErrorException$"),
    WEB(
        "org.springframework.web.reactive.function.client.WebClientResponseException$",
        "org.springframework.web.reactive.function.client.WebClientResponseException$"),
    FEIGN("feign.FeignException$", "feign.FeignException$"),
    NOTHING("", "");

    private final String client;
    private final String server;

    Throwing(String client, String server) {
      this.client = client;
      this.server = server;
    }

    List<String> forbidden() {
      return client.isEmpty() ? List.of() : List.of(client + "Forbidden");
    }

    List<String> serviceUnavailable() {
      return server.isEmpty() ? List.of() : List.of(server + "ServiceUnavailable");
    }
  }
}
