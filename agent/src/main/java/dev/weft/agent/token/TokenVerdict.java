package dev.weft.agent.token;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.policy.AccessToken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request's token is worth. Immutable. */
public sealed interface TokenVerdict {
  /** Nobody asks for tokens. */
  TokenVerdict UNASKED = new Accepted(AccessToken.NONE, List.of());

  /**
   * The request may go on to the rules of access.
   *
   * @param token {@link AccessToken#NONE} when it has none
   * @param headers what the application must see of headers instead of what came
   */
  record Accepted(AccessToken token, List<HeaderChange> headers) implements TokenVerdict {

    /**
     * Shows the application the headers that it must see.
     *
     * @return why it must not see the request at all; null: it may
     */
    public @Nullable String applyTo(InboundRequest request) {
      for (HeaderChange change : headers) {
        if (!request.replaceHeader(change.name(), change.value()) && change.needed()) {
          return "header "
              + change.name()
              + " must come from a token, and this server's library"
              + " lets nobody set it";
        }
      }
      return null;
    }
  }

  /**
   * Refused with status 401.
   *
   * @param rule the document behind it
   * @param reason a sentence for people; never holds anything of the token
   */
  record Refused(String rule, String reason) implements TokenVerdict {}

  /**
   * One header of the request.
   *
   * @param value null: it is taken away
   * @param needed whether the request must not reach the application without this change
   */
  record HeaderChange(String name, @Nullable String value, boolean needed) {}
}
