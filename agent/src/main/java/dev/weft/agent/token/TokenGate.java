package dev.weft.agent.token;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.weft.agent.token.TokenVerdict.Accepted;
import dev.weft.agent.token.TokenVerdict.HeaderChange;
import dev.weft.agent.token.TokenVerdict.Refused;
import dev.weft.instrumentation.InboundRequest;
import dev.weft.policy.AccessToken;
import dev.weft.policy.JwtRule;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges the tokens (RFC 7519) of inbound requests. A request without token may pass, one whose
 * token is not valid may not. Built once per snapshot. Immutable; thread-safe.
 */
public final class TokenGate {
  /** How far the clocks of issuers may be off. */
  private static final Duration SKEW = Duration.ofSeconds(60);

  private static final int LONGEST_TOKEN = 16 * 1024;

  private final List<Rule> rules = new ArrayList<>();
  private final List<String> issuers;

  /** Headers that only a valid token gives a value. */
  private final Set<String> outputs =
      Collections.newSetFromMap(new TreeMap<>(String.CASE_INSENSITIVE_ORDER));

  private record Rule(JwtRule rule, TokenPlaces places, TokenKeys keys) {}

  private TokenGate(List<JwtRule> jwtRules) {
    for (JwtRule rule : jwtRules) {
      rules.add(new Rule(rule, new TokenPlaces(rule), TokenKeys.parse(rule.jwks())));
      if (!rule.outputPayloadToHeader().isEmpty()) {
        outputs.add(rule.outputPayloadToHeader());
      }
      rule.outputClaimToHeaders().forEach(output -> outputs.add(output.header()));
    }
    issuers = jwtRules.stream().map(JwtRule::issuer).toList();
  }

  /** Makes the rules of a workload ready. */
  public static TokenGate of(List<JwtRule> jwtRules) {
    return new TokenGate(jwtRules);
  }

  /** What the request's token is worth at this time. */
  public TokenVerdict judge(InboundRequest request, Instant now) {
    if (rules.isEmpty()) {
      return TokenVerdict.UNASKED;
    }
    Set<String> tokens = new LinkedHashSet<>();
    List<Rule> looking = new ArrayList<>();
    for (Rule rule : rules) {
      List<String> found = rule.places().tokens(request);
      if (!found.isEmpty()) {
        looking.add(rule);
        tokens.addAll(found);
      }
    }
    if (tokens.isEmpty()) {
      return new Accepted(AccessToken.NONE, outputHeaders(request, Map.of()));
    }
    String first = looking.get(0).rule().policy();
    if (tokens.size() > 1) {
      return new Refused(first, "the request has several tokens, and nobody can tell which counts");
    }
    String token = tokens.iterator().next();
    if (token.length() > LONGEST_TOKEN) {
      return new Refused(first, "the token is longer than " + LONGEST_TOKEN + " characters");
    }
    try {
      return judge(request, token, looking, now);
    } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
      return new Refused(first, "the token cannot be read");
    }
  }

  private TokenVerdict judge(InboundRequest request, String token, List<Rule> looking, Instant now)
      throws ParseException {
    JWSObject signed = JWSObject.parse(token);
    String first = looking.get(0).rule().policy();
    Map<String, Object> claims = signed.getPayload().toJSONObject();
    if (claims == null) {
      return new Refused(first, "the token has no claims");
    }
    if (signed.getHeader().getCriticalParams() != null) {
      return new Refused(first, "the token asks for extensions that are not known here");
    }
    JWTClaimsSet known = JWTClaimsSet.parse(claims);
    Refused why = new Refused(first, "no rule accepts tokens of this issuer here");
    for (Rule rule : looking) {
      if (rule.rule().issuer().equals(known.getIssuer())) {
        String refusal = refusal(rule, signed, known, now);
        if (refusal == null) {
          return accepted(request, token, rule, claims);
        }
        why = new Refused(rule.rule().policy(), refusal);
      }
    }
    return why;
  }

  /** Why a token of the rule's issuer is not valid; null: it is. */
  private static @Nullable String refusal(
      Rule rule, JWSObject signed, JWTClaimsSet claims, Instant now) {
    if (rule.keys().isEmpty()) {
      return "the keys of the token's issuer are not known";
    }
    if (!rule.keys().signed(signed)) {
      return "no key of the issuer signed the token with this algorithm";
    }
    Date expires = claims.getExpirationTime();
    if (expires != null && expires.toInstant().plus(SKEW).isBefore(now)) {
      return "the token has expired";
    }
    Date begins = claims.getNotBeforeTime();
    if (begins != null && begins.toInstant().minus(SKEW).isAfter(now)) {
      return "the token is not valid yet";
    }
    List<String> audiences = rule.rule().audiences();
    if (!audiences.isEmpty() && Collections.disjoint(audiences, claims.getAudience())) {
      return "the token is meant for another audience";
    }
    return null;
  }

  private TokenVerdict accepted(
      InboundRequest request, String token, Rule rule, Map<String, Object> claims)
      throws ParseException {
    Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (JwtRule.ClaimHeader output : rule.rule().outputClaimToHeaders()) {
      String value = TokenClaims.text(claims, output.claim());
      if (value != null && printable(value)) {
        values.put(output.header(), value);
      }
    }
    if (!rule.rule().outputPayloadToHeader().isEmpty()) {
      values.put(rule.rule().outputPayloadToHeader(), token.split("\\.", -1)[1]);
    }
    List<HeaderChange> changes = outputHeaders(request, values);
    if (!rule.rule().forwardOriginalToken()) {
      for (String name : rule.places().headerNames()) {
        boolean carries =
            request.header(name).stream().anyMatch(value -> value.strip().endsWith(token));
        if (carries && !outputs.contains(name)) {
          changes.add(new HeaderChange(name, null, false));
        }
      }
    }
    return new Accepted(
        TokenClaims.token(claims, rule.rule().spaceDelimitedClaims(), issuers), changes);
  }

  /** Nobody but a token gives these headers a value, whatever the client sent. */
  private List<HeaderChange> outputHeaders(InboundRequest request, Map<String, String> values) {
    List<HeaderChange> changes = new ArrayList<>();
    for (String name : outputs) {
      String value = values.get(name);
      if (value != null || !request.header(name).isEmpty()) {
        changes.add(new HeaderChange(name, value, true));
      }
    }
    return changes;
  }

  private static boolean printable(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }
}
