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
  private static final List<String> NAMES = List.of("s1", "S1", "a.s1", "b.a.s1", "other", "");
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
  void theTraceOfAConnectionAgreesWithTheRouter(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    Snapshot snapshot = snapshot(random);
    Router router = new Router(snapshot);
    for (int i = 0; i < 50; i++) {
      RandomCall called = call(random);
      String name = pick(NAMES, random);
      RouteTrace trace = RouteTrace.ofConnection(snapshot, called.host(), called.port(), name);
      Set<Decision> possible = new HashSet<>();
      trace.outcomes().forEach(outcome -> possible.add(outcome.decision()));
      Set<Decision> made = new HashSet<>();
      for (int throwOfDice = 0; throwOfDice < 200; throwOfDice++) {
        made.add(router.connect(called.host(), called.port(), name, random));
      }
      assertThat(made).as("%s by %s", called, name).isEqualTo(possible);
    }
  }

  @Test
  void aRuleForTheCallersServiceAccountFitsIt() {
    for (String account : List.of("me", "you")) {
      RouteMatch match = connections(Map.of(RouteMatch.SERVICE_ACCOUNT, account), List.of());
      RouteRule rule =
          new RouteRule(
              "own",
              List.of(match),
              List.of(),
              List.of(),
              List.of(),
              Optional.empty(),
              Optional.empty());
      Route requests = new Route("requests", List.of(80), List.of(rule));
      Route connections =
          new Route("connections", List.of(80), List.of(rule), Optional.of(Route.Layer.TCP));
      Snapshot snapshot = snapshot(List.of(service(0, List.of(), List.of(requests, connections))));
      RandomCall call = new RandomCall("s0", 80, "GET", "/", Map.of());

      RouteTrace request = RouteTrace.of(snapshot, call);
      RouteTrace connection = RouteTrace.ofConnection(snapshot, "s0", 80, "s0");

      assertThat(request.tried().get(0).failure().isEmpty()).isEqualTo(account.equals("me"));
      assertThat(connection.tried().get(0).failure().isEmpty()).isEqualTo(account.equals("me"));
      assertThat(request.outcomes().get(0).decision())
          .isEqualTo(new Router(snapshot).decide(call, new SplittableRandom(1)));
      assertThat(connection.outcomes().get(0).decision())
          .isEqualTo(new Router(snapshot).connect("s0", 80, "s0", new SplittableRandom(1)));
    }
  }

  /** A match with what tells connections apart, and nothing else. */
  private static RouteMatch connections(Map<String, String> callers, List<String> names) {
    return new RouteMatch(
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        callers,
        names);
  }

  @Test
  void theNameThatAConnectionLacksIsSaid() {
    RouteMatch match = connections(Map.of("v", "1"), List.of("vault", "*.example.com"));

    assertThat(MatchTrace.failure(match, "Vault", Map.of("v", "1"))).isEmpty();
    assertThat(MatchTrace.failure(match, "a.b.example.com", Map.of("v", "1"))).isEmpty();
    assertThat(MatchTrace.failure(match, "example.com", Map.of("v", "1")))
        .contains("name example.com is not vault or *.example.com");
    assertThat(MatchTrace.failure(match, "vault", Map.of()))
        .contains("is for callers with labels {v=1}");
    assertThat(MatchText.ofConnection(match))
        .isEqualTo("connections with name vault or *.example.com, a caller that is {v=1}");
    assertThat(MatchText.ofConnection(RouteMatch.ANY)).isEqualTo("any connection");
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
          Route.Layer layer = Route.Layer.values()[random.nextInt(4)];
          Route route = new Route("route" + port, List.of(port), rules(random), Optional.of(layer));
          routes.add(route.seesRequests() ? route : named(route, random));
        }
      }
      services.add(service(i, endpoints, routes));
    }
    return snapshot(services);
  }

  private static Service service(int number, List<Endpoint> endpoints, List<Route> routes) {
    return new Service(
        "s" + number,
        "default",
        List.of("s" + number),
        "240.0.0." + (number + 1),
        List.of(new ServicePort("a", 80, ""), new ServicePort("b", 81, "")),
        endpoints,
        routes);
  }

  /** What is told to a workload {@code me}. */
  private static Snapshot snapshot(List<Service> services) {
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

  /** The route with what connections are told apart by, and without what they do not have. */
  private static Route named(Route route, SplittableRandom random) {
    List<RouteRule> rules = new ArrayList<>();
    for (RouteRule rule : route.rules()) {
      List<RouteMatch> matches = new ArrayList<>();
      for (RouteMatch match : rule.matches()) {
        matches.add(
            connections(
                match.sourceLabels(),
                random.nextInt(4) == 0
                    ? List.of()
                    : List.of(pick(List.of("s1", "*.s1", "*.a.s1", "none"), random))));
      }
      rules.add(rule.with(matches, Optional.empty(), Optional.empty(), Optional.empty()));
    }
    return new Route(route.name(), route.ports(), rules, route.layer());
  }

  private static Map<String, String> callers(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> Map.of("v", pick(VALUES, random));
      case 1 -> Map.of(RouteMatch.SERVICE_ACCOUNT, pick(List.of("me", "you"), random));
      default -> Map.of();
    };
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
        callers(random),
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
