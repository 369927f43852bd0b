package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.policy.Call;
import dev.weft.policy.RequestLimit;
import dev.weft.policy.RequestLimit.Key;
import dev.weft.policy.RequestLimit.KeySource;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.Service;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestRatesTest {
  private final Clock clock = new Clock();
  private final RequestRates rates = new RequestRates();

  private static RequestLimit limit(String name, int burst, List<RouteMatch> matches, Key... keys) {
    return new RequestLimit(
        "RateLimitPolicy default/pay limit " + name,
        List.of(80),
        matches,
        List.of(keys),
        10,
        Duration.ofSeconds(10),
        burst,
        RequestLimit.Scope.LOCAL,
        new RequestLimit.Answer(429, true, List.of()));
  }

  private static RequestLimit shared(String name, int burst) {
    RequestLimit own = limit(name, burst, List.of());
    return new RequestLimit(
        own.rule(),
        own.ports(),
        own.matches(),
        own.keys(),
        own.requests(),
        own.per(),
        own.burst(),
        RequestLimit.Scope.MESH,
        own.answer());
  }

  private LocalReply ask(Service service, int instances) {
    return rates.refusal(
        service, new OutboundCall(Samples.Request.get()), "rule 0", instances, clock.getAsLong());
  }

  private static Service limited(RequestLimit... limits) {
    Service service = service(endpoint(1));
    return service.with(service.pool(), service.routes(), service.policies(), List.of(limits));
  }

  private LocalReply ask(Service service, Call call, String rule) {
    return rates.refusal(service, call, rule, 1, clock.getAsLong());
  }

  private LocalReply ask(Service service) {
    return ask(service, new OutboundCall(Samples.Request.get()), "rule 0");
  }

  @Test
  void aRequestAboveTheLimitIsToldWhenToComeAgain() {
    Service service = limited(limit("all", 2, List.of()));
    assertThat(ask(service)).isNull();
    assertThat(ask(service)).isNull();
    LocalReply reply = ask(service);

    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.reasonValue()).isEqualTo("RL; RateLimitPolicy default/pay limit all");
    assertThat(reply.headers())
        .containsExactly(
            new HeaderField("Retry-After", "1"),
            new HeaderField(
                "RateLimit-Policy", "\"RateLimitPolicy default/pay limit all\";q=10;w=10"),
            new HeaderField("RateLimit", "\"RateLimitPolicy default/pay limit all\";r=0;t=1"));
    clock.pass(Duration.ofSeconds(1));
    assertThat(ask(service)).isNull();
  }

  @Test
  void aRefusedRequestTakesNothingFromTheOtherLimits() {
    Service service = limited(limit("wide", 3, List.of()), limit("narrow", 1, List.of()));
    assertThat(ask(service)).isNull();
    for (int i = 0; i < 5; i++) {
      assertThat(ask(service).rule()).endsWith("narrow");
    }
    Service wide = limited(limit("wide", 3, List.of()));
    assertThat(ask(wide)).isNull();
    assertThat(ask(wide)).isNull();
    assertThat(ask(wide)).isNotNull();
  }

  @Test
  void countsOnlyTheRequestsThatAreMeant() {
    RouteMatch posts = new RouteMatch(Optional.empty(), Optional.of("POST"), List.of(), List.of());
    Service service = limited(limit("posts", 1, List.of(posts)));
    for (int i = 0; i < 3; i++) {
      assertThat(ask(service)).isNull();
    }
    Call post = new OutboundCall(Samples.Request.post());
    assertThat(ask(service, post, "rule 0")).isNull();
    assertThat(ask(service, post, "rule 0")).isNotNull();
  }

  @Test
  void whatDiffersInAKeyHasABudgetOfItsOwn() {
    Service service =
        limited(
            limit(
                "keyed",
                1,
                List.of(),
                new Key(KeySource.HEADER, "x-tenant"),
                new Key(KeySource.ROUTE, "")));
    Call red = new OutboundCall(Samples.Request.get().with("x-tenant", "red"));
    Call blue = new OutboundCall(Samples.Request.get().with("x-tenant", "blue"));

    assertThat(ask(service, red, "rule 0")).isNull();
    assertThat(ask(service, red, "rule 0")).isNotNull();
    assertThat(ask(service, red, "rule 1")).isNull();
    assertThat(ask(service, blue, "rule 0")).isNull();
  }

  @Test
  void aHeaderOfManyValuesKeepsABoundedNumberOfBudgets() {
    Service service = limited(limit("keyed", 1, List.of(), new Key(KeySource.HEADER, "x-tenant")));
    int passed = 0;
    for (int i = 0; i < 20_000; i++) {
      Call call = new OutboundCall(Samples.Request.get().with("x-tenant", "t" + i));
      passed += ask(service, call, "rule 0") == null ? 1 : 0;
    }
    assertThat(passed)
        .as("those that share the last budget are limited together")
        .isEqualTo(10_001);
  }

  @Test
  void aLimitThatPolicyLeavesAsItIsGoesOnCounting() {
    assertThat(ask(limited(limit("all", 1, List.of())))).isNull();
    rates.keep(List.of(limited(limit("all", 1, List.of()))));
    assertThat(ask(limited(limit("all", 1, List.of())))).isNotNull();

    assertThat(ask(limited(limit("all", 2, List.of())))).as("it was changed").isNull();
  }

  @Test
  void instancesShareALimitOfTheMeshAndNoOther() {
    Service shared = limited(shared("shared", 4));
    assertThat(ask(shared, 2)).isNull();
    assertThat(ask(shared, 2)).isNull();
    assertThat(ask(shared, 2).reason()).contains("shared by 2 instances");
    assertThat(ask(shared, 1)).as("the other one is gone, what was taken is not").isNotNull();

    Service local = limited(limit("local", 4, List.of()));
    for (int i = 0; i < 4; i++) {
      assertThat(ask(local, 2)).isNull();
    }
    assertThat(ask(local, 2).reason()).doesNotContain("shared");
  }

  @Test
  void aRequestThatAnotherLimitRefusesPaysNothingForTheInstancesEither() {
    Service service = limited(shared("shared", 4), limit("narrow", 1, List.of()));
    assertThat(ask(service, 2)).isNull();
    for (int i = 0; i < 5; i++) {
      assertThat(ask(service, 2).rule()).endsWith("narrow");
    }
    assertThat(ask(limited(shared("shared", 4)), 2)).isNull();
    assertThat(ask(limited(shared("shared", 4)), 2)).isNotNull();
  }
}
