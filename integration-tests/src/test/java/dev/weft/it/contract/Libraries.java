package dev.weft.it.contract;

import dev.weft.it.Jdk;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The client libraries that the stories run against.
 *
 * <p>{@code -Dweft.contract.only=REGEX} takes those runs alone in whose name the expression is
 * found, such as {@code okhttp.*JDK 25}.
 */
final class Libraries {
  private static final Library.Version[] HTTP_CLIENT_5 = {
    new Library.Version("5.0", "httpclient5-oldest"),
    new Library.Version("5.6.5", "httpclient5-newest")
  };

  private static final Library.Version[] OK_HTTP = {
    new Library.Version("4.5.0", "okhttp4-oldest"),
    new Library.Version("4.12.1", "okhttp4-newest"),
    new Library.Version("5.5.1", "okhttp5-newest")
  };

  private static final Library.Version[] REACTOR_NETTY = {
    new Library.Version("1.0.0", "reactor-netty-oldest"),
    new Library.Version("1.2.18", "reactor-netty-12-newest"),
    new Library.Version("1.3.7", "reactor-netty-13-newest")
  };

  private static final String REPEATS = "its own repetition after 429 and 503 is left to policy";

  private static final String NO_WEB_SOCKETS = "it has no WebSockets";

  private static final List<Library> ALL =
      List.of(
          Library.of("java.net.http sync", "clients.JavaNetHttp$Sync"),
          Library.of("java.net.http async", "clients.JavaNetHttp$Async"),
          Library.of("HttpURLConnection", "clients.UrlConnection")
              .without(WebSocketStories.class, NO_WEB_SOCKETS)
              .without(
                  "aSlowAttemptIsRacedByAnother", "it sends one attempt at a time: none is raced")
              .without("informationalResponsesMeanTheSame", "it takes a 103 for the final response")
              .without("aSessionIsMadeByACookie", "it does not show HttpOnly cookies")
              .without(
                  "aCallThatIsCancelledWithinItsBodyEndsAtTheServerToo",
                  "its disconnect waits for the read that it is to end"),
          Library.of("HttpClient 5 classic", "clients.HttpClient5", HTTP_CLIENT_5)
              .without(WebSocketStories.class, NO_WEB_SOCKETS)
              .without("everyStatusReachesTheApplication", REPEATS),
          Library.of("HttpClient 5 async", "clients.HttpClient5Async", HTTP_CLIENT_5)
              .without(WebSocketStories.class, NO_WEB_SOCKETS)
              .without("everyStatusReachesTheApplication", REPEATS)
              .without(
                  "aCancelledCallEndsAtTheServerToo",
                  "5.0 leaves the connection of a cancelled call open",
                  "5.0"),
          Library.of("OkHttp sync", "clients.OkHttp$Sync", OK_HTTP),
          Library.of("OkHttp async", "clients.OkHttp$Async", OK_HTTP),
          Library.of("Reactor Netty", "clients.ReactorNetty", REACTOR_NETTY)
              .without("cookiesComeBack", "it keeps no cookies")
              .without("aSessionStaysAtItsEndpoint", "it keeps no cookies")
              .without("aSessionByACookieStaysAtItsBackendAndItsEndpoint", "it keeps no cookies")
              .without(
                  "aProxyOfTheApplicationGetsTheRequestUntouched",
                  "it asks proxies for a tunnel, also for http"));

  private Libraries() {}

  /** Those that are asked for. */
  static Stream<Run> runs() {
    Pattern only = Pattern.compile(System.getProperty("weft.contract.only", ""));
    return everything().filter(run -> only.matcher(run.toString()).find());
  }

  /** Every library, at each version on the JDK of the build, at its newest one on the others. */
  static Stream<Run> everything() {
    return Jdk.all().flatMap(jdk -> ALL.stream().flatMap(library -> runs(library, jdk)));
  }

  private static Stream<Run> runs(Library library, Jdk jdk) {
    List<Library.Version> versions = library.versions();
    boolean all = jdk.feature() == Jdk.current().feature();
    return versions.subList(all ? 0 : versions.size() - 1, versions.size()).stream()
        .map(version -> new Run(library, version, jdk));
  }

  /** All of them. */
  static List<Library> all() {
    return ALL;
  }
}
