package dev.weft.policy;

import dev.weft.policy.HeaderEdit.Kind;
import dev.weft.policy.RouteActions.Cors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a rule makes of requests across origins. Immutable; thread-safe.
 *
 * <p>Where the texts leave a choice between {@code *} and what the request says, it is what the
 * request says: that is right with credentials, too.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1767/">GEP-1767</a>
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">The CORS protocol</a>
 */
public final class CrossOrigin {
  private static final String ORIGIN = "Origin";
  private static final String VARY = "Vary";
  private static final String ASKED_METHOD = "Access-Control-Request-Method";
  private static final String ASKED_HEADERS = "Access-Control-Request-Headers";
  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";
  private static final String ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials";
  private static final String ALLOW_METHODS = "Access-Control-Allow-Methods";
  private static final String ALLOW_HEADERS = "Access-Control-Allow-Headers";
  private static final String EXPOSE_HEADERS = "Access-Control-Expose-Headers";
  private static final String MAX_AGE = "Access-Control-Max-Age";
  private static final long DEFAULT_AGE = 5;
  private static final List<String> ANYTHING = List.of("*");

  private final Cors cors;
  private final Origins origins;

  private CrossOrigin(Cors cors) {
    this.cors = cors;
    this.origins = new Origins(cors.origins(), cors.originPatterns());
  }

  /**
   * Prepares a rule's.
   *
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  public static CrossOrigin of(Cors cors) {
    return new CrossOrigin(cors);
  }

  /**
   * The headers of the answer to a preflight, all of them set.
   *
   * @return empty: the origin is not allowed; null: it is no preflight, or the server shall answer
   */
  @Nullable List<HeaderEdit> preflight(Call call) {
    if (!call.method().equals("OPTIONS")) {
      return null;
    }
    String origin = only(call.header(ORIGIN));
    String method = only(call.header(ASKED_METHOD));
    if (origin == null || method == null) {
      return null;
    }
    if (!origins.allow(origin)) {
      return cors.serverAnswersOthers().orElse(false) ? null : List.of();
    }
    List<HeaderEdit> headers = new ArrayList<>();
    set(headers, ALLOW_ORIGIN, origin);
    if (cors.credentials()) {
      set(headers, ALLOW_CREDENTIALS, "true");
    }
    set(headers, ALLOW_METHODS, listed(cors.methods(), List.of(method)));
    set(headers, ALLOW_HEADERS, listed(cors.requestHeaders(), call.header(ASKED_HEADERS)));
    set(headers, EXPOSE_HEADERS, exposed());
    long age = cors.maxAge().map(limit -> limit.toSeconds()).orElse(DEFAULT_AGE);
    set(headers, MAX_AGE, Long.toString(age));
    set(headers, VARY, ORIGIN);
    return List.copyOf(headers);
  }

  /**
   * Edits of a server's response to anything that is no preflight: what the server itself says of
   * other origins does not count.
   *
   * @param response looks a header of the response up
   */
  public List<HeaderEdit> edits(Call call, Function<String, List<String>> response) {
    List<HeaderEdit> edits = new ArrayList<>();
    String origin = only(call.header(ORIGIN));
    if (origin != null && origins.allow(origin)) {
      set(edits, ALLOW_ORIGIN, origin);
      if (cors.credentials()) {
        set(edits, ALLOW_CREDENTIALS, "true");
      } else {
        edits.add(new HeaderEdit(Kind.REMOVE, ALLOW_CREDENTIALS, ""));
      }
      set(edits, EXPOSE_HEADERS, exposed());
    } else if (origin != null && !cors.serverAnswersOthers().orElse(false)) {
      edits.add(new HeaderEdit(Kind.REMOVE, ALLOW_ORIGIN, ""));
      edits.add(new HeaderEdit(Kind.REMOVE, ALLOW_CREDENTIALS, ""));
    }
    if (!varies(response.apply(VARY))) {
      edits.add(new HeaderEdit(Kind.ADD, VARY, ORIGIN));
    }
    return edits;
  }

  /** Also for requests without an origin, or a cache would give their responses to those with. */
  private static boolean varies(List<String> values) {
    for (String value : values) {
      for (String name : value.split(",", -1)) {
        if (name.strip().equalsIgnoreCase(ORIGIN) || name.strip().equals("*")) {
          return true;
        }
      }
    }
    return false;
  }

  /** What is configured; for everything that which is asked for. */
  private static String listed(List<String> configured, List<String> asked) {
    return String.join(", ", configured.equals(ANYTHING) ? asked : configured);
  }

  /** With credentials a star is but a header's name, and the names are not known. */
  private String exposed() {
    return cors.credentials() && cors.exposedHeaders().equals(ANYTHING)
        ? ""
        : String.join(", ", cors.exposedHeaders());
  }

  private static void set(List<HeaderEdit> edits, String name, String value) {
    if (!value.isEmpty()) {
      edits.add(new HeaderEdit(Kind.SET, name, value));
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CrossOrigin rule && rule.cors.equals(cors);
  }

  @Override
  public int hashCode() {
    return cors.hashCode();
  }

  /** Null: there is none, or more than one. */
  private static @Nullable String only(List<String> values) {
    return values.size() == 1 && !values.get(0).isBlank() ? values.get(0).strip() : null;
  }
}
