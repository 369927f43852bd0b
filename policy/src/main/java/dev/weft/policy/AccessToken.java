package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a valid token (RFC 7519) says about its bearer. Immutable.
 *
 * @param principal {@code <iss>/<sub>}; empty without subject
 * @param audiences claim {@code aud}
 * @param presenter claim {@code azp}; may be empty
 * @param claims all of them: texts, lists, maps, and values of other types, which match nothing
 */
public record AccessToken(
    String principal, List<String> audiences, String presenter, Map<String, Object> claims) {

  /** No token, or none that is valid. */
  public static final AccessToken NONE = new AccessToken("", List.of(), "", Map.of());

  /** The texts of a claim, nested ones by their path; empty when there are none. */
  List<String> claim(List<String> path) {
    @Nullable Object value = claims;
    for (String name : path) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    if (value instanceof String text) {
      return List.of(text);
    }
    if (!(value instanceof List<?> list)) {
      return List.of();
    }
    List<String> texts = new ArrayList<>(list.size());
    for (Object element : list) {
      if (element instanceof String text) {
        texts.add(text);
      }
    }
    return texts;
  }
}
