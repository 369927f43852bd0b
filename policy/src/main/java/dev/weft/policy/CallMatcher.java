package dev.weft.policy;

import java.util.List;

/** Several {@link RouteMatch}es that are ready to be asked together. Immutable; thread-safe. */
public final class CallMatcher {
  private final List<RequestMatcher> any;

  private CallMatcher(List<RequestMatcher> any) {
    this.any = any;
  }

  /**
   * Prepares matches of which any suffices.
   *
   * @param any empty: every call fits
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  public static CallMatcher of(List<RouteMatch> any) {
    return new CallMatcher(any.stream().map(RequestMatcher::new).toList());
  }

  /** Whether the call is one of those that are meant. */
  public boolean fits(Call call) {
    if (any.isEmpty()) {
      return true;
    }
    String target = call.normalTarget();
    int end = RequestTarget.pathEnd(target);
    for (int i = 0; i < any.size(); i++) {
      if (any.get(i).matches(call, target, end)) {
        return true;
      }
    }
    return false;
  }
}
