package dev.weft.server.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Keeps calling until {@link #stop}, by a fixed number of callers: each sends its next request when
 * its last one is answered. Thread-safe.
 */
public final class Load {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Client client;
  private final String url;
  private final String[] headers;
  private final Executor next;
  private final List<Answer> answers = new ArrayList<>();
  private int underWay;
  private boolean stopping;

  private Load(Client client, String url, String[] headers, Executor next) {
    this.client = client;
    this.url = url;
    this.headers = headers;
    this.next = next;
  }

  /**
   * Starts calling, as often as it goes: requests are always under way.
   *
   * @param concurrency callers, and so requests that are under way
   * @param headers each {@code name=value}
   */
  public static Load start(Client client, String url, int concurrency, String... headers) {
    Executor next = new CompletableFuture<Answer>().defaultExecutor();
    return start(new Load(client, url, headers, next), concurrency);
  }

  /**
   * Starts calling at leisure, for what takes long: the machine has other things to do.
   *
   * @param rest from an answer to the same caller's next request
   * @param concurrency callers, and so requests that are under way at most
   * @param headers each {@code name=value}
   */
  public static Load start(
      Duration rest, Client client, String url, int concurrency, String... headers) {
    Executor next = CompletableFuture.delayedExecutor(rest.toNanos(), TimeUnit.NANOSECONDS);
    return start(new Load(client, url, headers, next), concurrency);
  }

  private static Load start(Load load, int callers) {
    for (int i = 0; i < callers; i++) {
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
    CompletableFuture<Answer> unused = client.send(url, headers).whenComplete(this::answered);
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
    // On another thread: the next request must not be written by the one that reads the answers.
    next.execute(this::call);
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
