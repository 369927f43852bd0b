package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.TextMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import dev.weft.policy.validate.Implication;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Random meshes and calls, the same on every run: what the trace says is what the router does. */
class RouteTraceTest {
  private static final List<String> PATHS =
      List.of("/", "/a", "/a/", "/a/b", "/ab", "/A/b", "/a/b/c", "/b", "");
  private static final List<String> METHODS = List.of("GET", "POST", "PUT");
  private static final List<String> VALUES = List.of("1", "12", "2", "");

  @RepeatedTest(100)
  void theTraceAgreesWithTheRouter(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    Snapshot snapshot = snapshot(random);
    Router router = new Router(snapshot);
    for (int i = 0; i < 50; i++) {
      RandomCall call = call(random);
      RouteTrace trace = RouteTrace.of(snapshot, call);
      Set<Decision> possible = new HashSet<>();
      trace.outcomes().forEach(outcome -> possible.add(outcome.decision()));
      Set<Decision> made = new HashSet<>();
      for (int throwOfDice = 0; throwOfDice < 200; throwOfDice++) {
        made.add(router.decide(call, random));
      }
      assertThat(made).as("%s", call).isEqualTo(possible);
    }
  }

  @RepeatedTest(100)
  void whatAMatchCoversFitsIt(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    List<RouteMatch> matches = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      matches.add(match(random));
    }
    for (int i = 0; i < 100; i++) {
      RandomCall call = call(random);
      for (RouteMatch narrow : matches) {
        if (MatchTrace.failure(narrow, call, Map.of("v", "1")).isEmpty()) {
          for (RouteMatch wide : matches) {
            if (Implication.covers(wide, narrow)) {
              assertThat(MatchTrace.failure(wide, call, Map.of("v", "1")))
                  .as("%s covers %s, but not %s", wide, narrow, call)
                  .isEmpty();
            }
          }
        }
      }
    }
  }

  @Test
  void theFirstConditionThatFailsIsNamed() {
    RouteMatch match =
        new RouteMatch(
            Optional.of(new PathMatch(PathKind.PREFIX, "/a")),
            Optional.of("GET"),
            List.of(new NamedMatch("x", ValueKind.EXACT, "1")),
            List.of());

    assertThat(failure(match, "POST", "/a", Map.of())).contains("method is POST, not GET");
    assertThat(failure(match, "GET", "/b?q", Map.of())).contains("path /b is not /a/*");
    assertThat(failure(match, "GET", "/a", Map.of())).contains("header x is absent, wanted x: 1");
    assertThat(failure(match, "GET", "/a", Map.of("x", "2")))
        .contains("header x is \"2\", wanted x: 1");
    assertThat(failure(match, "GET", "/a/b", Map.of("x", "1"))).isEmpty();
    assertThat(MatchText.of(match)).isEqualTo("GET /a/* with header x: 1");
  }

  private static Optional<String> failure(
      RouteMatch match, String method, String target, Map<String, String> headers) {
    return MatchTrace.failure(match, new RandomCall("s0", 80, method, target, headers), Map.of());
  }

  private record RandomCall(
      String host, int port, String method, String pathAndQuery, Map<String, String> headers)
      implements Call {
    @Override
    public List<String> header(String name) {
      String value = headers.get(name.toLowerCase(Locale.ROOT));
      return value == null ? List.of() : List.of(value);
    }
  }

  private static RandomCall call(SplittableRandom random) {
    String path = "/" + pick(PATHS, random).replaceFirst("^/", "");
    String query = random.nextInt(3) == 0 ? "?q=" + pick(VALUES, random) : "";
    return new RandomCall(
        random.nextInt(10) == 0 ? "nobody" : "s" + random.nextInt(3),
        random.nextInt(10) == 0 ? 99 : 80 + random.nextInt(2),
        pick(METHODS, random),
        path + query,
        random.nextInt(2) == 0 ? Map.of() : Map.of("x", pick(VALUES, random)));
  }

  private static Snapshot snapshot(SplittableRandom random) {
    List<Service> services = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<Endpoint> endpoints = new ArrayList<>();
      for (int e = 0; e < random.nextInt(4); e++) {
        Map<String, String> labels = Map.of("v", Integer.toString(e % 2));
        endpoints.add(
            new Endpoint("10.0." + i + "." + e, 8080, 80 + e % 2, "w" + e, "", labels, e != 3));
      }
      List<Route> routes = new ArrayList<>();
      for (int port : List.of(80, 81)) {
        if (random.nextInt(4) > 0) {
          Route.Layer layer = Route.Layer.values()[random.nextInt(3)];
          routes.add(new Route("route" + port, List.of(port), rules(random), Optional.of(layer)));
        }
      }
      services.add(
          new Service(
              "s" + i,
              "default",
              List.of("s" + i),
              "240.0.0." + (i + 1),
              List.of(new ServicePort("a", 80, ""), new ServicePort("b", 81, "")),
              endpoints,
              routes));
    }
    Inbound inbound =
        new Inbound(
            "me",
            "me",
            "default",
            "spiffe://cluster.local/ns/default/sa/me",
            Map.of("v", "1"),
            new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
            Map.of(),
            List.of());
    return new Snapshot("1", "cluster.local", List.of(), inbound, services, MeshSettings.DEFAULT);
  }

  private static List<RouteRule> rules(SplittableRandom random) {
    List<RouteRule> rules = new ArrayList<>();
    for (int i = 0; i < random.nextInt(6); i++) {
      List<RouteMatch> matches = new ArrayList<>();
      for (int m = 0; m < random.nextInt(3); m++) {
        matches.add(match(random));
      }
      List<WeightedBackend> backends = new ArrayList<>();
      for (int b = 0; b < random.nextInt(4); b++) {
        backends.add(
            new WeightedBackend(
                "default/s" + random.nextInt(4),
                80 + random.nextInt(2),
                random.nextInt(3),
                Map.of(),
                random.nextInt(8) == 0 ? "broken" : "",
                List.of(),
                List.of(),
                random.nextInt(8) == 0 ? Optional.of("v9") : Optional.empty()));
      }
      rules.add(
          new RouteRule(
              Integer.toString(i),
              matches,
              List.of(),
              List.of(),
              backends,
              Optional.empty(),
              Optional.empty(),
              random.nextBoolean() ? Optional.of("doc" + i) : Optional.empty(),
              actions(random)));
    }
    return rules;
  }

  private static Optional<RouteActions> actions(SplittableRandom random) {
    RouteActions none = RouteActions.NONE;
    return switch (random.nextInt(6)) {
      case 0 ->
          Optional.of(
              new RouteActions(
                  none.retry(),
                  none.rewrite(),
                  none.mirrors(),
                  none.fault(),
                  none.redirect(),
                  Optional.of(new RouteActions.DirectAnswer(418, "tea")),
                  none.cors(),
                  none.session()));
      case 1 ->
          Optional.of(
              new RouteActions(
                  none.retry(),
                  none.rewrite(),
                  none.mirrors(),
                  none.fault(),
                  Optional.of(
                      new RouteActions.Redirect(
                          Optional.of("https"),
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty(),
                          301)),
                  none.answer(),
                  none.cors(),
                  none.session()));
      default -> Optional.empty();
    };
  }

  private static RouteMatch match(SplittableRandom random) {
    Optional<PathMatch> path = Optional.empty();
    if (random.nextInt(4) > 0) {
      PathKind kind = PathKind.values()[random.nextInt(4)];
      String value = pick(PATHS, random);
      if (kind == PathKind.REGEX) {
        value = pick(List.of(".*", "/.*", "/a.*", "/a(/b)?"), random);
      } else if (kind != PathKind.TEXT_PREFIX && value.isEmpty()) {
        value = "/";
      }
      path =
          Optional.of(
              new PathMatch(
                  kind, value, random.nextInt(4) == 0 ? Optional.of(true) : Optional.empty()));
    }
    return new RouteMatch(
        path,
        random.nextInt(3) == 0 ? Optional.of(pick(METHODS, random)) : Optional.empty(),
        some(random, "x"),
        some(random, "q"),
        random.nextInt(4) == 0 ? some(random, "x") : List.of(),
        random.nextInt(5) == 0 ? Optional.of(text(random, List.of("s1", "s"))) : Optional.empty(),
        Optional.empty(),
        random.nextInt(5) == 0 ? Optional.of(text(random, METHODS)) : Optional.empty(),
        random.nextInt(6) == 0 ? Map.of("v", pick(VALUES, random)) : Map.of(),
        List.of());
  }

  private static List<NamedMatch> some(SplittableRandom random, String name) {
    if (random.nextInt(3) > 0) {
      return List.of();
    }
    TextMatch text = text(random, VALUES);
    return List.of(
        new NamedMatch(
            random.nextBoolean() || name.equals("q") ? name : name.toUpperCase(Locale.ROOT),
            text.kind(),
            text.value()));
  }

  private static TextMatch text(SplittableRandom random, List<String> values) {
    ValueKind kind = ValueKind.values()[random.nextInt(4)];
    return new TextMatch(
        kind,
        switch (kind) {
          case PRESENT -> "";
          case REGEX -> pick(List.of(".*", "1.*", "[A-Z]+"), random);
          default -> pick(values, random);
        });
  }

  private static String pick(List<String> values, SplittableRandom random) {
    return values.get(random.nextInt(values.size()));
  }
}
