package dev.weft.policy.validate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.MeshSettings;
import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimeoutsTest {
  private static final Place PLACE = new Place("a.yaml", 1, 1);

  @Test
  void anAttemptThatOutlastsTheRequestIsSaid() {
    assertThat(check(Duration.ofSeconds(1), retry(2, Duration.ofSeconds(2)), Optional.empty()))
        .containsExactly(
            "a.yaml:1:1 WEFT113 one attempt may last 2s, but the whole request no longer than 1s");
  }

  @Test
  void retriesThatDoNotFitAreSaid() {
    assertThat(check(Duration.ofSeconds(1), retry(2, Duration.ofMillis(400)), Optional.empty()))
        .containsExactly(
            "a.yaml:1:1 WEFT114 of 3 attempts of 400ms no more than 2 fit into the request's 1s");
  }

  @Test
  void retriesThatFitAreNot() {
    assertThat(check(Duration.ofSeconds(2), retry(2, Duration.ofMillis(600)), Optional.empty()))
        .isEmpty();
  }

  @Test
  void aDelayThatOutlastsTheRequestIsSaid() {
    Optional<RouteActions.Fault> slow = fault(Duration.ofSeconds(3));

    assertThat(check(Duration.ofSeconds(1), Optional.empty(), slow))
        .containsExactly(
            "a.yaml:1:1 WEFT115 a delay of 3s ends every request that it meets, because the timeout"
                + " is 1s");
    assertThat(check(Duration.ofSeconds(5), Optional.empty(), slow)).isEmpty();
  }

  private static Optional<RouteActions.Retry> retry(int attempts, Duration perTry) {
    return Optional.of(
        new RouteActions.Retry(
            Optional.of(attempts), List.of(), List.of(), Optional.empty(), Optional.of(perTry)));
  }

  private static Optional<RouteActions.Fault> fault(Duration delay) {
    return Optional.of(
        new RouteActions.Fault(Optional.of(new RouteActions.Delay(10, delay)), Optional.empty()));
  }

  private static List<String> check(
      Duration request, Optional<RouteActions.Retry> retry, Optional<RouteActions.Fault> fault) {
    RouteActions none = RouteActions.NONE;
    RouteActions actions =
        new RouteActions(
            retry,
            none.rewrite(),
            none.mirrors(),
            fault,
            none.redirect(),
            none.answer(),
            none.cors(),
            none.session());
    Spec.RuleSpec rule =
        new Spec.RuleSpec(
            "0",
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.of(request),
            Optional.empty(),
            actions,
            List.of(),
            "",
            PLACE);
    Spec.RoutePart part =
        new Spec.RoutePart(Route.Layer.HTTP, List.of(), Spec.Order.LISTED, List.of(rule));
    Document document =
        new Document(
            Kind.HTTP_ROUTE,
            "default",
            "a",
            Instant.MAX,
            PLACE,
            new Spec.RouteSpec(List.of(part), List.of()));
    Facts facts =
        new Facts(
            List.of(document),
            List.of(),
            false,
            List.of(),
            namespace -> List.of(),
            MeshSettings.DEFAULT,
            "cluster.local");
    return Validation.validate(facts).diagnostics().stream().map(Diagnostic::toString).toList();
  }
}
