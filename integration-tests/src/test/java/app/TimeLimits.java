package app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.util.List;

/**
 * Lets the time of a request to {@code http://slow/} run out. What the agent does then, it does on
 * a thread of the JDK's common pool, which does the application's work, too: prints whether that is
 * taken for one of the agent's own, whose connections pass the mesh by.
 */
public final class TimeLimits {
  private TimeLimits() {}

  /** Plays it. */
  public static void main(String[] args) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://slow/")).build();
    try {
      HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      System.out.println("aLimitOfPolicyEndsARequest failed: it was answered");
    } catch (HttpTimeoutException e) {
      System.out.println("aLimitOfPolicyEndsARequest ok");
    }
    List<Thread> pool =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("ForkJoinPool.commonPool"))
            .toList();
    boolean theirs =
        !pool.isEmpty()
            && pool.stream().noneMatch(thread -> thread.getThreadGroup().getName().equals("weft"));
    System.out.println("threadsOfTheCommonPoolAreNotTheAgents " + (theirs ? "ok" : pool));
    System.out.println("done");
  }
}
