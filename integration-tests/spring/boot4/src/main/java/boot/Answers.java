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
final class Answers {
  private static final int HELD_SECONDS = 60;
  private static final int UNAVAILABLE_TIMES = 2;

  private final String name;
  private final Map<String, Integer> tries = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

  Answers(@Value("${spring.application.name:nobody}") String name) {
    this.name = name;
  }

  /**
   * Who was reached, on what, and with which headers.
   *
   * @param loader class of the loader that the application is in
   */
  record Hello(String name, String boot, String loader, Map<String, String> headers) {}

  /** Says hello. */
  @GetMapping({"/hello", "/vault"})
  Hello hello(HttpServletRequest request) {
    Map<String, String> headers = new TreeMap<>();
    for (String header : Collections.list(request.getHeaderNames())) {
      headers.put(header, request.getHeader(header));
    }
    return new Hello(
        name,
        SpringBootVersion.getVersion(),
        getClass().getClassLoader().getClass().getName(),
        headers);
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
        : ResponseEntity.ok("answered after " + count);
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

  /** Answers when requests with this key are let go. */
  @GetMapping("/held/{key}")
  String held(@PathVariable("key") String key) throws InterruptedException {
    tries.merge(key, 1, Integer::sum);
    return gate(key).await(HELD_SECONDS, TimeUnit.SECONDS) ? "released" : "held for too long";
  }

  /** Lets requests go that are held, and those that will come. */
  @GetMapping("/release/{key}")
  boolean release(@PathVariable("key") String key) {
    gate(key).countDown();
    return true;
  }

  private CountDownLatch gate(String key) {
    return gates.computeIfAbsent(key, k -> new CountDownLatch(1));
  }
}
