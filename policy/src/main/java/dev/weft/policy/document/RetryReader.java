package dev.weft.policy.document;

import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.RetryOn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code retry} of an HTTPRoute's rule.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1731/">GEP-1731</a>
 */
final class RetryReader {
  private static final int MOST_ATTEMPTS = 100;

  /** Whoever wants retries wants them after broken connections, too. */
  private static final List<RetryOn> CONNECTION_ERRORS =
      List.of(RetryOn.CONNECT_FAILURE, RetryOn.REFUSED_STREAM, RetryOn.RESET);

  private RetryReader() {}

  static Optional<Retry> read(Fields rule) {
    Optional<Fields> found = rule.object("retry");
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = found.get();
    List<Integer> codes = new ArrayList<>();
    for (Fields.Text code : fields.textsOrNumbers("codes")) {
      if (!code.value().matches("[45][0-9][0-9]")) {
        fields.problem(
            Code.BAD_VALUE, code, "expected a status, 400 to 599, found " + code.value());
      } else if (codes.contains(Integer.valueOf(code.value()))) {
        fields.problem(Code.BAD_VALUE, code, code.value() + " stands here twice");
      } else {
        codes.add(Integer.valueOf(code.value()));
      }
    }
    Optional<Integer> attempts = fields.number("attempts", 1, MOST_ATTEMPTS);
    Optional<Duration> backoff = Durations.read(fields, "backoff");
    fields.finish();
    return Optional.of(
        new Retry(attempts, List.copyOf(codes), CONNECTION_ERRORS, backoff, Optional.empty()));
  }
}
