package boot;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.RequestEntity;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.client.RestTemplate;

/** Spring's {@code RestTemplate} and {@code RestClient}. */
@Configuration(proxyBeanMethods = false)
class RestClients {
  /** With the factory that Boot picks by the class path: HttpComponents. */
  @Bean("resttemplate")
  Client restTemplate(ClientHttpRequestFactoryBuilder<?> picked) {
    return template(picked.build());
  }

  @Bean("resttemplate-jdk")
  Client restTemplateOverJdk() {
    return template(new JdkClientHttpRequestFactory());
  }

  /** As {@code new RestTemplate()} is. */
  @Bean("resttemplate-simple")
  Client restTemplateOverUrlConnection() {
    return template(new SimpleClientHttpRequestFactory());
  }

  /** With the factory that Boot picks by the class path: HttpComponents. */
  @Bean("restclient")
  Client restClient(RestClient.Builder builder) {
    return client(builder.build());
  }

  @Bean("restclient-jdk")
  Client restClientOverJdk() {
    return client(RestClient.builder().requestFactory(new JdkClientHttpRequestFactory()).build());
  }

  @Bean("restclient-simple")
  Client restClientOverUrlConnection() {
    return client(
        RestClient.builder().requestFactory(new SimpleClientHttpRequestFactory()).build());
  }

  @Bean("restclient-reactor")
  Client restClientOverReactorNetty() {
    return client(
        RestClient.builder().requestFactory(new ReactorClientHttpRequestFactory()).build());
  }

  static Client template(ClientHttpRequestFactory factory) {
    RestTemplate template = new RestTemplate(factory);
    return request -> answered(() -> template.exchange(request, String.class));
  }

  private static Client client(RestClient client) {
    return request -> answered(() -> exchange(client, request));
  }

  private static ResponseEntity<String> exchange(RestClient client, RequestEntity<String> request) {
    RestClient.RequestBodySpec spec =
        client
            .method(request.getMethod())
            .uri(request.getUrl())
            .headers(headers -> headers.putAll(request.getHeaders()));
    String body = request.getBody();
    return (body == null ? spec : spec.body(body)).retrieve().toEntity(String.class);
  }

  private static Outcome answered(Exchange exchange) {
    try {
      return Outcome.of(exchange.send());
    } catch (RestClientResponseException e) {
      return Outcome.of(
              e.getStatusCode().value(),
              e.getResponseHeaders()::forEach,
              e.getResponseBodyAsString())
          .with(e);
    }
  }

  private interface Exchange {
    ResponseEntity<String> send();
  }
}
