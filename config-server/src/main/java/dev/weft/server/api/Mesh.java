package dev.weft.server.api;

import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.ServerCertificate;
import dev.weft.server.distribution.Distribution;
import dev.weft.server.enroll.Enrollment;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.operator.Operators;
import dev.weft.server.policy.Generation;
import dev.weft.server.policy.Generations;
import dev.weft.server.policy.PolicyFolder;
import dev.weft.server.registry.Registry;
import dev.weft.server.registry.Suspicions;
import dev.weft.server.telemetry.LogWindow;
import dev.weft.server.telemetry.MetricWindow;
import dev.weft.server.telemetry.OtlpReceiver;
import dev.weft.server.telemetry.SpanWindow;
import dev.weft.server.time.ClockJumps;
import java.time.Instant;
import java.time.InstantSource;

/** The parts of a running server that its API speaks for. Immutable; its parts are thread-safe. */
public record Mesh(
    String trustDomain,
    String version,
    Instant startedAt,
    InstantSource clock,
    ClockJumps jumps,
    CertificateAuthority authority,
    ServerCertificate certificate,
    Enrollment enrollment,
    JoinTokens joinTokens,
    Operators operators,
    PolicyFolder folder,
    Generations generations,
    Registry registry,
    Suspicions suspicions,
    Distribution distribution,
    OtlpReceiver receiver,
    SpanWindow spans,
    MetricWindow metrics,
    LogWindow logs) {

  /**
   * An agent has heard of these policy documents; where we have not, our count goes on from there.
   */
  void seen(Generation policy) {
    if (generations.seen(policy)) {
      folder.renumbered();
    }
  }
}
