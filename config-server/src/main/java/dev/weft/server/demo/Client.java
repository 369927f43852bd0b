package dev.weft.server.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Speaks to a running {@code shop.Client}: one line a request, one line an answer. Thread-safe. */
public final class Client implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Child child;
  private final OutputStream requests;
  private final AtomicLong ids = new AtomicLong();
  private final Map<String, CompletableFuture<Answer>> open = new ConcurrentHashMap<>();

  /** Takes over a program that has printed {@code ready}. */
  public Client(Child child) {
    this.child = child;
    this.requests = child.stdin();
    child.onLine(this::answered);
  }

  /**
   * Sends one request.
   *
   * @param headers each {@code name=value}
   */
  public CompletableFuture<Answer> send(String url, String... headers) {
    String id = Long.toString(ids.incrementAndGet());
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    open.put(id, answer);
    String line = String.join(" ", id, url, String.join(" ", headers)).trim() + "\n";
    try {
      synchronized (requests) {
        requests.write(line.getBytes(StandardCharsets.UTF_8));
        requests.flush();
      }
    } catch (IOException e) {
      open.remove(id);
      answer.completeExceptionally(e);
    }
    return answer;
  }

  /** Sends one request and waits for its answer. */
  public Answer get(String url, String... headers) throws IOException, InterruptedException {
    try {
      return send(url, headers).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException(child.name() + " got no answer from " + url + ": " + e, e);
    }
  }

  /** Ends the program. */
  @Override
  public void close() {
    child.close();
  }

  private void answered(String line) {
    String[] parts = line.split(" ", 4);
    CompletableFuture<Answer> answer = open.remove(parts[0]);
    if (answer != null && parts.length == 4) {
      String reason = parts[2].equals("-") ? "" : parts[2].replace('+', ' ');
      answer.completeAsync(
          () -> new Answer(Integer.parseInt(parts[1]), reason, parts[3], System.nanoTime()),
          Runnable::run);
    }
  }
}
