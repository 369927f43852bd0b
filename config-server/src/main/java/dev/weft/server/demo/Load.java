package dev.weft.server.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Keeps calling: a fixed number of requests is always under way, until {@link #stop}. Thread-safe.
 */
public final class Load {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Client client;
  private final String url;
  private final String[] headers;
  private final List<Answer> answers = new ArrayList<>();
  private int underWay;
  private boolean stopping;

  private Load(Client client, String url, String[] headers) {
    this.client = client;
    this.url = url;
    this.headers = headers;
  }

  /**
   * Starts calling.
   *
   * @param concurrency requests that are always under way
   * @param headers each {@code name=value}
   */
  public static Load start(Client client, String url, int concurrency, String... headers) {
    Load load = new Load(client, url, headers);
    for (int i = 0; i < concurrency; i++) {
      load.call();
    }
    return load;
  }

  /** Exactly {@code count} answers or a few more, as many as were under way at the end. */
  public static List<Answer> of(
      int count, Client client, String url, int concurrency, String... headers)
      throws IOException, InterruptedException {
    Load load = start(client, url, concurrency, headers);
    load.awaitFurther(count);
    return load.stop();
  }

  /** Waits until {@code count} more answers have come. */
  public synchronized void awaitFurther(int count) throws IOException, InterruptedException {
    int target = answers.size() + count;
    await("further answers", () -> answers.size() >= target);
  }

  /**
   * Waits for an answer that is as asked, the past ones included.
   *
   * @return the first one
   */
  public synchronized Answer awaitFirst(String what, Predicate<Answer> wanted)
      throws IOException, InterruptedException {
    await(what, () -> answers.stream().anyMatch(wanted));
    return answers.stream().filter(wanted).findFirst().orElseThrow();
  }

  /** Sends no more, waits for what is under way. */
  public synchronized List<Answer> stop() throws IOException, InterruptedException {
    stopping = true;
    await("the last answers", () -> underWay == 0);
    return List.copyOf(answers);
  }

  private void call() {
    synchronized (this) {
      if (stopping) {
        return;
      }
      underWay++;
    }
    // On another thread: the next request must not be written by the one that reads the answers.
    CompletableFuture<Answer> unused = client.send(url, headers).whenCompleteAsync(this::answered);
  }

  private void answered(Answer answer, Throwable failure) {
    synchronized (this) {
      underWay--;
      answers.add(
          failure == null ? answer : new Answer(0, "", failure.toString(), System.nanoTime()));
      // A client that is gone fails every request at once: that would never end.
      stopping |= failure != null;
      notifyAll();
    }
    call();
  }

  private void await(String what, Condition condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IOException("waited in vain for " + what + " from " + url);
      }
      wait(left);
    }
  }

  private interface Condition {
    boolean holds();
  }
}
