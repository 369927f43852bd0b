package boot;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.http.RequestEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Sends what it is told to. */
@RestController
final class Calls {
  private final Map<String, Client> clients;

  Calls(Map<String, Client> clients) {
    this.clients = clients;
  }

  /** The clients that this application has. */
  @GetMapping("/clients")
  Set<String> clients() {
    return clients.keySet();
  }

  /**
   * A POST when there is a body, a GET otherwise.
   *
   * @param header each {@code name:value}
   */
  @GetMapping("/call")
  Outcome call(
      @RequestParam("client") String client,
      @RequestParam("uri") URI uri,
      @RequestParam(name = "header", defaultValue = "") List<String> header,
      @RequestParam(name = "body", defaultValue = "") String body) {
    RequestEntity.BodyBuilder request =
        RequestEntity.method(body.isEmpty() ? HttpMethod.GET : HttpMethod.POST, uri);
    for (String one : header) {
      int colon = one.indexOf(':');
      request.header(one.substring(0, colon), one.substring(colon + 1));
    }
    RequestEntity<String> complete = body.isEmpty() ? built(request) : request.body(body);
    try {
      return clients.get(client).send(complete);
    } catch (Exception e) {
      return Outcome.of(e);
    }
  }

  private static RequestEntity<String> built(RequestEntity.BodyBuilder request) {
    RequestEntity<Void> empty = request.build();
    return new RequestEntity<>(empty.getHeaders(), empty.getMethod(), empty.getUrl());
  }
}
