package boot;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.RequestEntity;
import retrofit2.Call;
import retrofit2.Response;
import retrofit2.Retrofit;
import retrofit2.converter.scalars.ScalarsConverterFactory;
import retrofit2.http.Body;
import retrofit2.http.GET;
import retrofit2.http.HeaderMap;
import retrofit2.http.POST;
import retrofit2.http.Url;

/** Retrofit, on OkHttp: waiting for the call, and for a future of it. */
@Configuration(proxyBeanMethods = false)
class Retrofits {
  /** Whoever calls says where. */
  interface Waiting {
    @GET
    Call<String> get(@Url String url, @HeaderMap Map<String, String> headers);

    @POST
    Call<String> post(@Url String url, @HeaderMap Map<String, String> headers, @Body String body);
  }

  /** Whoever calls says where. */
  interface Asynchronous {
    @GET
    CompletableFuture<Response<String>> get(
        @Url String url, @HeaderMap Map<String, String> headers);

    @POST
    CompletableFuture<Response<String>> post(
        @Url String url, @HeaderMap Map<String, String> headers, @Body String body);
  }

  @Bean
  Retrofit retrofitItself() {
    return new Retrofit.Builder()
        .baseUrl("http://anybody/")
        .addConverterFactory(ScalarsConverterFactory.create())
        .build();
  }

  @Bean("retrofit")
  Client waiting(Retrofit retrofit) {
    Waiting api = retrofit.create(Waiting.class);
    return request -> answered(call(api, request).execute());
  }

  @Bean("retrofit-future")
  Client asynchronous(Retrofit retrofit) {
    Asynchronous api = retrofit.create(Asynchronous.class);
    return request -> answered(call(api, request).get());
  }

  private static Call<String> call(Waiting api, RequestEntity<String> request) {
    String url = request.getUrl().toString();
    Map<String, String> headers = request.getHeaders().toSingleValueMap();
    String body = request.getBody();
    return body == null ? api.get(url, headers) : api.post(url, headers, body);
  }

  private static CompletableFuture<Response<String>> call(
      Asynchronous api, RequestEntity<String> request) {
    String url = request.getUrl().toString();
    Map<String, String> headers = request.getHeaders().toSingleValueMap();
    String body = request.getBody();
    return body == null ? api.get(url, headers) : api.post(url, headers, body);
  }

  /** Retrofit throws nothing for a status. */
  private static Outcome answered(Response<String> response) throws IOException {
    String body = response.isSuccessful() ? response.body() : response.errorBody().string();
    return Outcome.of(response.code(), response.headers().toMultimap()::forEach, body);
  }
}
