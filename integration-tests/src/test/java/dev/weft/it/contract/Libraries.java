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
  private static final List<Library> ALL =
      List.of(
          Library.of("java.net.http sync", "clients.JavaNetHttp$Sync"),
          Library.of("java.net.http async", "clients.JavaNetHttp$Async"),
          Library.of("HttpURLConnection", "clients.UrlConnection")
              .without("informationalResponsesMeanTheSame", "it takes a 103 for the final response")
              .without(
                  "aCallThatIsCancelledWithinItsBodyEndsAtTheServerToo",
                  "its disconnect waits for the read that it is to end"));

  private Libraries() {}

  /** Every library, at each version, on each JDK. */
  static Stream<Run> runs() {
    Pattern only = Pattern.compile(System.getProperty("weft.contract.only", ""));
    return ALL.stream()
        .flatMap(library -> library.versions().stream().map(version -> new Case(library, version)))
        .flatMap(of -> Jdk.all().map(jdk -> new Run(of.library(), of.version(), jdk)))
        .filter(run -> only.matcher(run.toString()).find());
  }

  /** All of them. */
  static List<Library> all() {
    return ALL;
  }

  private record Case(Library library, Library.Version version) {}
}
