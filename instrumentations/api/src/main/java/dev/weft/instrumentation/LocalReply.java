package dev.weft.instrumentation;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answer it here: the request does not leave (client), or does not reach the application (server).
 * Immutable.
 *
 * @param status HTTP status
 * @param flag Envoy's response flag: {@code NR}, {@code UH}, {@code UAEX} ...; empty: the rule's
 *     own answer (a redirect, a fixed answer), which needs no explanation
 * @param rule the policy rule behind it
 * @param reason a sentence for people; the body of the reply
 * @param headers besides those that {@link #fields} adds
 * @param pause before the reply
 */
public record LocalReply(
    int status, String flag, String rule, String reason, List<HeaderField> headers, Duration pause)
    implements Step {
  /** Name of the header that every reply with status 401 has (RFC 9110, section 15.5.2). */
  private static final String CHALLENGE_HEADER = "WWW-Authenticate";

  private static final int UNAUTHORIZED = 401;

  /** Name of the header that tells why: {@code <flag>; <rule>}. */
  private static final String REASON_HEADER = "x-weft-reason";

  /** A reply at once, without headers of its own. */
  public LocalReply(int status, String flag, String rule, String reason) {
    this(status, flag, rule, reason, List.of(), Duration.ZERO);
  }

  /** Every header of the reply but those of its framing: length, connection, date. */
  public List<HeaderField> fields() {
    List<HeaderField> fields = new ArrayList<>();
    if (!flag.isEmpty()) {
      fields.add(new HeaderField(REASON_HEADER, reasonValue()));
    }
    String challenge = challenge();
    if (challenge != null) {
      fields.add(new HeaderField(CHALLENGE_HEADER, challenge));
    }
    if (!reason.isEmpty()) {
      fields.add(new HeaderField("Content-Type", "text/plain; charset=utf-8"));
    }
    fields.addAll(headers);
    return List.copyOf(fields);
  }

  /** Value of {@code x-weft-reason}: visible ASCII only, whatever a document calls a rule. */
  public String reasonValue() {
    String text = flag + "; " + rule;
    StringBuilder value = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      value.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return value.toString();
  }

  /** Value of {@code WWW-Authenticate} (RFC 6750, section 3); null: the reply has none. */
  public @Nullable String challenge() {
    return status == UNAUTHORIZED ? "Bearer error=\"invalid_token\"" : null;
  }

  /** The body: plain text in UTF-8; may be empty. */
  public byte[] body() {
    return reason.isEmpty() ? new byte[0] : (reason + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
