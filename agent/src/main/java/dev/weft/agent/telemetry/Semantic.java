package dev.weft.agent.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.semconv.ErrorAttributes;
import io.opentelemetry.semconv.HttpAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attributes that both ends of a request share.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">HTTP spans</a>
 */
final class Semantic {
  /** The policy rule behind a request. */
  static final AttributeKey<String> RULE = AttributeKey.stringKey("weft.rule");

  /** The SPIFFE ID at the other end. */
  static final AttributeKey<String> PEER_ID = AttributeKey.stringKey("weft.peer.id");

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  private Semantic() {}

  /** The method where it is a known one, else {@code _OTHER}: a client must not invent series. */
  static String method(String method) {
    return METHODS.contains(method) ? method : HttpAttributes.HttpRequestMethodValues.OTHER;
  }

  /** Name of a span whose route is not known. */
  static String spanName(String method) {
    return METHODS.contains(method) ? method : "HTTP";
  }

  /**
   * What is wrong with a request whose statuses from {@code firstError} on are errors; empty:
   * nothing.
   */
  static String error(int status, int firstError, @Nullable Throwable failure) {
    if (failure != null) {
      return failure.getClass().getName();
    }
    return status >= firstError ? Integer.toString(status) : "";
  }

  /**
   * Status and error.
   *
   * @param status 0: there was no answer
   * @param error as {@link #error} says
   */
  static void outcome(AttributesBuilder attributes, int status, String error) {
    if (status > 0) {
      attributes.put(HttpAttributes.HTTP_RESPONSE_STATUS_CODE, (long) status);
    }
    if (!error.isEmpty()) {
      attributes.put(ErrorAttributes.ERROR_TYPE, error);
    }
  }
}
