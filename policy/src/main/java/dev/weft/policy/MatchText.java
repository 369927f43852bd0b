package dev.weft.policy;

import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.TextMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A {@link RouteMatch} in words. Stateless. */
public final class MatchText {
  private MatchText() {}

  /** {@code any connection}, {@code connections with name *.example.com}. */
  public static String ofConnection(RouteMatch match) {
    return match.sniHosts().isEmpty()
        ? of(match).replaceFirst("^any request", "any connection")
        : of(match);
  }

  /** {@code GET /pay/*}, {@code any request with header x-tester: yes}. */
  public static String of(RouteMatch match) {
    List<String> words = new ArrayList<>();
    match.method().ifPresent(words::add);
    match.methodPattern().ifPresent(pattern -> words.add("method " + text(pattern)));
    match.path().ifPresent(path -> words.add(path(path)));
    if (words.isEmpty()) {
      words.add(match.sniHosts().isEmpty() ? "any request" : "connections");
    }
    List<String> with = new ArrayList<>();
    match.headers().forEach(header -> with.add("header " + named(header)));
    match.withoutHeaders().forEach(header -> with.add("no header " + named(header)));
    match.queryParams().forEach(parameter -> with.add("query " + named(parameter)));
    match.authority().ifPresent(host -> with.add("host " + text(host)));
    match.scheme().ifPresent(scheme -> with.add("scheme " + text(scheme)));
    if (!match.sniHosts().isEmpty()) {
      with.add("name " + String.join(" or ", match.sniHosts()));
    }
    if (!match.sourceLabels().isEmpty()) {
      with.add("a caller that is " + new TreeMap<>(match.sourceLabels()));
    }
    return String.join(" ", words) + (with.isEmpty() ? "" : " with " + String.join(", ", with));
  }

  static String path(PathMatch path) {
    String text =
        switch (path.kind()) {
          case EXACT -> path.value();
          case PREFIX -> path.value() + (path.value().endsWith("/") ? "*" : "/*");
          case TEXT_PREFIX -> path.value() + "*";
          case REGEX -> "~" + path.value();
        };
    return path.ignoreCase().orElse(false) ? text + " (any case)" : text;
  }

  static String named(NamedMatch match) {
    return switch (match.kind()) {
      case PRESENT -> match.name();
      default -> match.name() + ": " + text(new TextMatch(match.kind(), match.value()));
    };
  }

  static String text(TextMatch match) {
    return switch (match.kind()) {
      case EXACT -> match.value();
      case REGEX -> "~" + match.value();
      case PREFIX -> match.value() + "*";
      case PRESENT -> "any";
    };
  }
}
