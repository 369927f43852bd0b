package dev.weft.agent.telemetry;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import io.opentelemetry.api.common.Attributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of both metrics of outbound requests. Those of requests that ended alike a while
 * ago are found without making keys to look them up by, which would be five objects for each
 * request; a request whose place another kind has taken is looked up by key. Thread-safe.
 */
final class SentRequests {
  /** A power of two. */
  private static final int PLACES = 512;

  private final KnownAttributes<Answered> answered = new KnownAttributes<>();
  private final KnownAttributes<Instruments.Counted> counted = new KnownAttributes<>();
  private final AtomicReferenceArray<@Nullable Alike> recent = new AtomicReferenceArray<>(PLACES);

  /** What the semantic conventions tell apart. */
  private record Answered(ClientSpan.Asked asked, int status, String error)
      implements KnownAttributes.Key {
    @Override
    public Attributes attributes() {
      return asked.answered(status, error);
    }
  }

  /**
   * Requests that are counted together in both metrics. Immutable; refers to nothing of a snapshot
   * but the endpoint.
   *
   * @param duration attributes of the duration
   * @param count attributes of Istio's counter
   */
  record Alike(
      Party self,
      ClientSpan.Asked asked,
      @Nullable Endpoint endpoint,
      @Nullable String service,
      @Nullable String namespace,
      List<String> hosts,
      int status,
      String flags,
      String error,
      Attributes duration,
      Attributes count) {
    /** An equal party or endpoint that is another object is merely looked up by key. */
    @SuppressWarnings("ReferenceEquality")
    private boolean as(Party by, ClientSpan.Asked request, ClientOutcome outcome, String wrong) {
      return self == by
          && endpoint == outcome.endpoint()
          && status == outcome.status()
          && asked.equals(request)
          && flags.equals(outcome.flags())
          && error.equals(wrong)
          && serves(outcome.service());
    }

    private boolean serves(@Nullable Service called) {
      return called == null
          ? service == null
          : called.name().equals(service)
              && called.namespace().equals(namespace)
              && called.hosts().equals(hosts);
    }
  }

  /**
   * The attributes of a request that has ended.
   *
   * @param self who sent it
   * @param error as {@link Semantic#error} says
   */
  Alike of(Party self, ClientSpan.Asked asked, ClientOutcome outcome, String error) {
    int place = place(asked, outcome);
    Alike known = recent.get(place);
    if (known == null || !known.as(self, asked, outcome, error)) {
      known = made(self, asked, outcome, error);
      recent.set(place, known);
    }
    return known;
  }

  private static int place(ClientSpan.Asked asked, ClientOutcome outcome) {
    int hash = System.identityHashCode(outcome.endpoint()) * 31 + outcome.status();
    hash = (hash * 31 + asked.host().hashCode()) * 31 + asked.method().hashCode();
    return (hash ^ (hash >>> 16)) & (PLACES - 1);
  }

  private Alike made(Party self, ClientSpan.Asked asked, ClientOutcome outcome, String error) {
    int status = outcome.status();
    Service service = outcome.service();
    IstioLabels labels = labels(self, asked, outcome);
    return new Alike(
        self,
        asked,
        outcome.endpoint(),
        service == null ? null : service.name(),
        service == null ? null : service.namespace(),
        service == null ? List.of() : service.hosts(),
        status,
        outcome.flags(),
        error,
        answered.of(new Answered(asked, status, error)),
        counted.of(new Instruments.Counted(labels, status)));
  }

  private static IstioLabels labels(Party self, ClientSpan.Asked asked, ClientOutcome outcome) {
    Service service = outcome.service();
    Endpoint endpoint = outcome.endpoint();
    Party destination =
        service == null || endpoint == null ? Party.none() : Party.of(service, endpoint);
    return IstioLabels.sent(self, destination, service, asked.host(), outcome.flags());
  }
}
