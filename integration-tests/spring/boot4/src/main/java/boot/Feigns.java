package boot;

import feign.FeignException;
import feign.hc5.ApacheHttp5Client;
import feign.http2client.Http2Client;
import feign.okhttp.OkHttpClient;
import java.net.URI;
import java.util.Map;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.cloud.openfeign.FeignClientBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;

/** OpenFeign with Spring's contract, over each of its clients. */
@Configuration(proxyBeanMethods = false)
class Feigns {
  /** Whoever calls says where; the URL is not used. */
  @FeignClient(name = "anybody", url = "http://anybody")
  interface Anybody {
    @GetMapping
    ResponseEntity<String> get(URI uri, @RequestHeader Map<String, String> headers);

    @PostMapping
    ResponseEntity<String> post(
        URI uri, @RequestHeader Map<String, String> headers, @RequestBody String body);
  }

  /** Over what Spring Cloud picks by the class path: HttpComponents. */
  @Bean("feign")
  Client feign(Anybody picked) {
    return client(picked);
  }

  /** Feign's own default. */
  @Bean("feign-urlconnection")
  Client feignOverUrlConnection(ApplicationContext context) {
    return over(context, new feign.Client.Default(null, null));
  }

  @Bean("feign-hc5")
  Client feignOverHttpComponents(ApplicationContext context) {
    return over(context, new ApacheHttp5Client());
  }

  @Bean("feign-okhttp")
  Client feignOverOkHttp(ApplicationContext context) {
    return over(context, new OkHttpClient());
  }

  @Bean("feign-jdk")
  Client feignOverJdk(ApplicationContext context) {
    return over(context, new Http2Client());
  }

  private static Client over(ApplicationContext context, feign.Client transport) {
    return client(
        new FeignClientBuilder(context)
            .forType(Anybody.class, "anybody")
            .customize(builder -> builder.client(transport))
            .url("http://anybody")
            .build());
  }

  private static Client client(Anybody anybody) {
    return request -> {
      Map<String, String> headers = request.getHeaders().toSingleValueMap();
      String body = request.getBody();
      try {
        return Outcome.of(
            body == null
                ? anybody.get(request.getUrl(), headers)
                : anybody.post(request.getUrl(), headers, body));
      } catch (FeignException e) {
        return Outcome.of(Math.max(0, e.status()), e.responseHeaders()::forEach, e.contentUTF8())
            .with(e);
      }
    };
  }
}
