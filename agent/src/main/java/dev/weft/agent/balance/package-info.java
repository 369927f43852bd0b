/**
 * Which of several endpoints. The request layer asks {@link dev.weft.agent.balance.EndpointChoice}
 * for the endpoint of each attempt:
 *
 * <pre>{@code
 * EndpointChoice choice = new EndpointChoice(nanos, clock, self, listener); // one per agent
 * choice.keep(snapshot);                                      // at each snapshot, the first, too
 * Picked picked = choice.choose(forward, mesh, call, tried, dice);  // null: answer 503, flag UH
 * picked.endpoint();
 * choice.outcome(picked, new Outcome.Response(status), latency);    // or Grpc, or a Failure
 * picked.load().avoid(retryAfter, now);                             // as the response asks for
 * picked.responseHeader();                    // edits the response that the application gets
 * choice.finished(picked);                    // always, when nothing of the attempt is in flight
 * }</pre>
 *
 * <p>The wire layer, which does not see requests, chooses by {@link
 * dev.weft.agent.balance.Balancer} among connections; a request's latency is not a connection's, so
 * neither knows of the other.
 */
@NullMarked
package dev.weft.agent.balance;

import org.jspecify.annotations.NullMarked;
