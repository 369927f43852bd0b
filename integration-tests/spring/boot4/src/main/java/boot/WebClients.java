package boot;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.HttpComponentsClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** Spring's {@code WebClient}. */
@Configuration(proxyBeanMethods = false)
class WebClients {
  /** With the connector that Boot picks by the class path: Reactor Netty. */
  @Bean("webclient")
  Client webClient(WebClient.Builder builder) {
    return client(builder.build());
  }

  @Bean("webclient-jdk")
  Client webClientOverJdk() {
    return client(WebClient.builder().clientConnector(new JdkClientHttpConnector()).build());
  }

  @Bean("webclient-hc5")
  Client webClientOverHttpComponents() {
    return client(
        WebClient.builder().clientConnector(new HttpComponentsClientHttpConnector()).build());
  }

  private static Client client(WebClient client) {
    return request -> {
      WebClient.RequestBodySpec spec =
          client
              .method(request.getMethod())
              .uri(request.getUrl())
              .headers(headers -> headers.putAll(request.getHeaders()));
      String body = request.getBody();
      try {
        return Outcome.of(
            (body == null ? spec : spec.bodyValue(body)).retrieve().toEntity(String.class).block());
      } catch (WebClientResponseException e) {
        return Outcome.of(
                e.getStatusCode().value(), e.getHeaders()::forEach, e.getResponseBodyAsString())
            .with(e);
      }
    };
  }
}
