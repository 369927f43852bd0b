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

  /** Status and error of a request whose statuses from {@code firstError} on are errors. */
  static void outcome(
      AttributesBuilder attributes, int status, int firstError, @Nullable Throwable failure) {
    if (status > 0) {
      attributes.put(HttpAttributes.HTTP_RESPONSE_STATUS_CODE, (long) status);
    }
    if (failure != null) {
      attributes.put(ErrorAttributes.ERROR_TYPE, failure.getClass().getName());
    } else if (status >= firstError) {
      attributes.put(ErrorAttributes.ERROR_TYPE, Integer.toString(status));
    }
  }
}
