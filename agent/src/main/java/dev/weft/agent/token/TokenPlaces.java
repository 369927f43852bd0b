package dev.weft.agent.token;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.policy.JwtRule;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the tokens of one rule may stand in a request. Everything that an application could read as
 * one counts: schemes in any case, names in percent code, repeated headers. Immutable.
 */
final class TokenPlaces {
  private static final String SCHEME = "Bearer ";

  private final List<JwtRule.Header> headers;
  private final List<String> params;
  private final List<String> cookies;

  TokenPlaces(JwtRule rule) {
    boolean standard =
        rule.fromHeaders().isEmpty() && rule.fromParams().isEmpty() && rule.fromCookies().isEmpty();
    headers = standard ? List.of(new JwtRule.Header("Authorization", SCHEME)) : rule.fromHeaders();
    params = standard ? List.of("access_token") : rule.fromParams();
    cookies = rule.fromCookies();
  }

  /** Headers that may carry a token. */
  List<String> headerNames() {
    return headers.stream().map(JwtRule.Header::name).toList();
  }

  /** The tokens that stand there, in any order. */
  List<String> tokens(InboundRequest request) {
    List<String> found = new ArrayList<>(1);
    for (JwtRule.Header header : headers) {
      for (String value : request.header(header.name())) {
        String prefix = header.prefix();
        if (value.regionMatches(true, 0, prefix, 0, prefix.length())) {
          add(found, value.substring(prefix.length()));
        }
      }
    }
    String query = params.isEmpty() ? "" : request.query();
    if (!query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && params.contains(decoded(pair.substring(0, equals)))) {
          add(found, decoded(pair.substring(equals + 1)));
        }
      }
    }
    if (!cookies.isEmpty()) {
      for (String header : request.header("Cookie")) {
        for (String pair : header.split(";", -1)) {
          int equals = pair.indexOf('=');
          if (equals > 0 && cookies.contains(pair.substring(0, equals).strip())) {
            add(found, unquoted(pair.substring(equals + 1).strip()));
          }
        }
      }
    }
    return found;
  }

  private static void add(List<String> found, String token) {
    String bare = token.strip();
    if (!bare.isEmpty()) {
      found.add(bare);
    }
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // a broken code: no name of ours, or no token
    }
  }
}
