package dev.weft.agent.telemetry;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import org.jspecify.annotations.Nullable;

/**
 * How an outbound request ended. Immutable.
 *
 * @param status response status; 0: none came
 * @param flags Envoy's response flags, {@code -}: none
 * @param rule the policy rule that routed or refused it
 * @param service the service it was meant for; null when no service was chosen
 * @param endpoint the endpoint of the last attempt; null: it never left
 * @param resends attempts after the first
 * @param failure null when a response was delivered
 */
public record ClientOutcome(
    int status,
    String flags,
    String rule,
    @Nullable Service service,
    @Nullable Endpoint endpoint,
    int resends,
    @Nullable Throwable failure) {}
