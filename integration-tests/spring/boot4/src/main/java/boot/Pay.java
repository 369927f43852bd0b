package boot;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootVersion;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** What others call. */
@RestController
final class Pay {
  private static final int HELD_SECONDS = 60;
  private static final int UNAVAILABLE_TIMES = 2;

  private final String name;
  private final Map<String, Integer> tries = new ConcurrentHashMap<>();
  private final CountDownLatch released = new CountDownLatch(1);

  Pay(@Value("${spring.application.name:pay}") String name) {
    this.name = name;
  }

  /** Who was reached, on what, and with which headers. */
  record Hello(String name, String boot, Map<String, String> headers) {}

  /** Says hello. */
  @GetMapping({"/hello", "/vault"})
  Hello hello(HttpServletRequest request) {
    Map<String, String> headers = new TreeMap<>();
    for (String header : Collections.list(request.getHeaderNames())) {
      headers.put(header, request.getHeader(header));
    }
    return new Hello(name, SpringBootVersion.getVersion(), headers);
  }

  /** Echoes the body. */
  @PostMapping("/echo")
  String echo(@RequestBody String body) {
    return body;
  }

  /** Is unavailable for the first two requests with this key. */
  @GetMapping("/flaky/{key}")
  ResponseEntity<String> flaky(@PathVariable("key") String key) {
    int count = tries.merge(key, 1, Integer::sum);
    return count <= UNAVAILABLE_TIMES
        ? ResponseEntity.status(503).body("not yet")
        : ResponseEntity.ok(name + " after " + count);
  }

  /** The same for requests with a body, which it echoes at last. */
  @PostMapping("/flaky/{key}")
  ResponseEntity<String> flaky(@PathVariable("key") String key, @RequestBody String body) {
    ResponseEntity<String> answer = flaky(key);
    return answer.getStatusCode().isError() ? answer : ResponseEntity.ok(answer.getBody() + body);
  }

  /** How many requests with this key there were. */
  @GetMapping("/tries/{key}")
  int tries(@PathVariable("key") String key) {
    return tries.getOrDefault(key, 0);
  }

  /** Answers after {@link #release}. */
  @GetMapping("/held")
  String held() throws InterruptedException {
    return released.await(HELD_SECONDS, TimeUnit.SECONDS) ? "released" : "held for too long";
  }

  /** Lets requests go that are held. */
  @GetMapping("/release")
  String release() {
    released.countDown();
    return "released";
  }
}
