package dev.weft.agent.traffic;

import dev.weft.agent.balance.Self;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.agent.telemetry.TelemetryOff;
import dev.weft.policy.Decision;
import dev.weft.policy.MeshSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;

/** Exchanges of one client, by a clock and dice of their own. */
final class Exchanges {
  final Clock clock = new Clock();
  final Snapshots snapshots = new Snapshots(Samples.SILENT);
  final ClientTraffic traffic =
      new ClientTraffic(
          snapshots,
          Self.UNKNOWN,
          TelemetryOff.telemetry(),
          Samples.SILENT,
          clock,
          new Random(1),
          () -> false);

  /** How those ended that have. */
  final List<ClientOutcome> outcomes = new ArrayList<>();

  private final Upstream upstream = new Upstream(clock);
  private final ClientObservation observation;

  /**
   * Of a client that continues traces.
   *
   * @param trace the headers that do
   */
  Exchanges(Map<String, String> trace) {
    observation =
        new ClientObservation() {
          @Override
          public void eachHeader(BiConsumer<String, String> nameAndValue) {
            trace.forEach(nameAndValue);
          }

          @Override
          public void end(ClientOutcome outcome) {
            outcomes.add(outcome);
          }
        };
  }

  /** By a decision, all with one destination. */
  OutboundExchange of(Samples.Request request, Decision.Forward decision) {
    return new OutboundExchange(
        traffic,
        request,
        new OutboundCall(request),
        decision,
        MeshSettings.DEFAULT,
        upstream,
        observation);
  }
}
