package boot;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.OkHttp3ClientHttpRequestFactory;

/** Spring Framework 7 has it no more. */
@Configuration(proxyBeanMethods = false)
class RestTemplateOverOkHttp {
  @Bean("resttemplate-okhttp")
  @SuppressWarnings("removal")
  Client restTemplateOverOkHttp() {
    return RestClients.template(new OkHttp3ClientHttpRequestFactory());
  }
}
