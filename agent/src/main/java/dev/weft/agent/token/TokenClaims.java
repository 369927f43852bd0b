package dev.weft.agent.token;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.weft.policy.AccessToken;
import java.text.ParseException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the claims of a token come to. Stateless. */
final class TokenClaims {
  private static final List<String> ALWAYS_WORDS = List.of("scope", "permission");

  private TokenClaims() {}

  /**
   * What access rules may ask of a token that was found valid.
   *
   * @param wordLists claims that are lists of words, nested ones by dots
   * @param issuers all that this workload accepts tokens of
   * @throws ParseException when a registered claim has the wrong type
   */
  static AccessToken token(Map<String, Object> claims, List<String> wordLists, List<String> issuers)
      throws ParseException {
    JWTClaimsSet known = JWTClaimsSet.parse(claims);
    Set<String> words = new HashSet<>(wordLists);
    words.addAll(ALWAYS_WORDS);
    Object presenter = claims.get("azp");
    return new AccessToken(
        principal(known.getIssuer(), known.getSubject(), issuers),
        List.copyOf(known.getAudience()),
        presenter instanceof String text ? text : "",
        split(claims, "", words));
  }

  /**
   * {@code <iss>/<sub>}. An issuer whose name another's begins with could speak for the other's
   * subjects: then nobody can tell whom it means, and it means nobody.
   */
  private static String principal(
      @Nullable String issuer, @Nullable String subject, List<String> issuers) {
    if (issuer == null || subject == null || issuer.isEmpty() || subject.isEmpty()) {
      return "";
    }
    String principal = issuer + "/" + subject;
    for (String other : issuers) {
      if (other.length() > issuer.length() && principal.startsWith(other + "/")) {
        return "";
      }
    }
    return principal;
  }

  private static Map<String, Object> split(
      Map<String, Object> claims, String prefix, Set<String> words) {
    Map<String, Object> all = new LinkedHashMap<>();
    claims.forEach(
        (name, value) -> {
          String path = prefix + name;
          if (value instanceof String text && words.contains(path)) {
            all.put(name, List.of(text.strip().split("\\s+", -1)));
          } else if (value instanceof Map<?, ?> map) {
            Map<String, Object> inner = new LinkedHashMap<>();
            map.forEach((key, element) -> inner.put(String.valueOf(key), element));
            all.put(name, split(inner, path + ".", words));
          } else {
            all.put(name, value);
          }
        });
    return all;
  }

  /** The text of a claim, nested ones by dots; null where it is no text, number or flag. */
  static @Nullable String text(Map<String, Object> claims, String path) {
    @Nullable Object value = claims.get(path);
    if (value == null) {
      value = claims;
      for (String name : path.split("\\.", -1)) {
        value = value instanceof Map<?, ?> map ? map.get(name) : null;
      }
    }
    return value instanceof String || value instanceof Number || value instanceof Boolean
        ? value.toString()
        : null;
  }
}
