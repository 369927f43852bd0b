package boot;

import org.springframework.http.RequestEntity;

/** A way to send a request; the bean's name is its name. Thread-safe. */
interface Client {
  /**
   * Sends a request and waits, as an application does that cares for nothing.
   *
   * @throws Exception what the library throws, also for a status that it takes for an error
   */
  Outcome send(RequestEntity<String> request) throws Exception;
}
