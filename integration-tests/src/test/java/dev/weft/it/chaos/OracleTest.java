package dev.weft.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the chaos story would notice; every violation has a twin that is allowed. */
class OracleTest {
  private static final long SECOND = 1_000_000_000L;
  private static final String POST = "orders-a.1 called c pay r POST - 1";
  private static final String GET = "orders-a.1 called c pay r GET - 1";

  private final Policies policies = new Policies((version, text) -> {});
  private final List<Hurt> hurts = new ArrayList<>();

  @BeforeEach
  void publish() throws IOException {
    policies.publish(Map.of("pay", terms(1, List.of(503), 0)));
    policies.publish(Map.of("pay", terms(2, List.of(), 0)));
    policies.publish(Map.of()); // broken
    policies.publish(Map.of("pay", terms(4, List.of(), 5)));
  }

  private static Terms terms(int version, List<Integer> codes, int aborts) {
    return new Terms(version, "pay", 2, codes, true, 0, 0, -1, false, 0, aborts, "RANDOM");
  }

  /** Journals of words, with a dash for nothing and underscores for blanks. */
  private List<String> violations(String... lines) {
    List<String> journals =
        Arrays.stream(lines)
            .map(line -> line.replace(" - ", "  ").replace(' ', '\t').replace('_', ' '))
            .toList();
    return Oracle.judge(History.of(journals), policies, hurts).violations();
  }

  private void hurt(Hurt.Kind kind, String service, String member) {
    hurts.add(new Hurt(kind, service, member, 0, 10));
  }

  @Test
  void aRightAnswerIsOfSomebodyWhoWasAsked() {
    String executed = "pay-a.1 executed c 1 POST 1 2";
    String answered = "pay-a.1 answered c 1 200 3";

    assertThat(violations(POST, executed, answered, "orders-a.1 right c pay-a.1 4")).isEmpty();
    assertThat(violations(POST, executed, answered, "orders-a.1 right c pay-b.1 4"))
        .singleElement()
        .asString()
        .startsWith("answered by one who was not asked");
    assertThat(violations(POST, executed, answered, "orders-a.1 wrong c cut 4")).isNotEmpty();
  }

  @Test
  void aPostIsExecutedTwiceOnlyAfterAnAnswerThatARuleNames() {
    String[] named = {
      POST,
      "pay-a.1 executed c 1 POST 1 2",
      "pay-a.1 answered c 1 503 3",
      "pay-b.1 executed c 1 POST 1 4",
      "pay-b.1 answered c 1 200 5",
      "orders-a.1 right c pay-b.1 6"
    };
    String[] unnamed =
        Arrays.stream(named).map(line -> line.replace("POST 1 ", "POST 2 ")).toArray(String[]::new);
    String[] unanswered =
        Arrays.stream(named).filter(line -> !line.contains(" 503 ")).toArray(String[]::new);

    assertThat(violations(named)).isEmpty();
    assertThat(violations(unnamed)).singleElement().asString().startsWith("executed again");
    assertThat(violations(unanswered)).singleElement().asString().startsWith("executed again");
  }

  @Test
  void aGetIsExecutedNoMoreOftenThanTheRuleSays() {
    List<String> lines = new ArrayList<>(List.of(GET));
    for (int i = 1; i <= 3; i++) {
      lines.add("pay-a.1 executed c " + i + " GET 1 " + i);
    }
    lines.add("pay-a.1 answered c 3 200 4");
    lines.add("orders-a.1 right c pay-a.1 6");
    assertThat(violations(lines.toArray(String[]::new))).isEmpty();

    lines.add("pay-b.1 executed c 1 GET 1 3");
    assertThat(violations(lines.toArray(String[]::new)))
        .singleElement()
        .asString()
        .startsWith("executed 4 times");
  }

  @Test
  void aCallSeesOneVersionAndNoneThatWasBroken() {
    String answered = "pay-b.1 answered c 1 200 5";
    String right = "orders-a.1 right c pay-b.1 6";

    assertThat(violations(GET, "pay-b.1 executed c 1 GET 3 2", answered, right))
        .singleElement()
        .asString()
        .contains("never was in force");
    assertThat(
            violations(
                GET,
                "pay-a.1 executed c 1 GET 1 2",
                "pay-b.1 executed c 1 GET 2 3",
                answered,
                right))
        .anySatisfy(violation -> assertThat(violation).startsWith("saw two versions"));
    assertThat(
            violations(
                "orders-a.1 called b pay q GET - 0",
                "pay-a.1 executed b 1 GET 2 0",
                "pay-a.1 answered b 1 200 0",
                "orders-a.1 right b pay-a.1 0",
                GET,
                "pay-b.1 executed c 1 GET 1 2",
                answered,
                right))
        .singleElement()
        .asString()
        .startsWith("sent by an older version");
  }

  @Test
  void aTesterIsServedByTheVersionItWants() {
    String call = "orders-a.1 called c pay r GET v2 1";

    assertThat(violations(call, "pay-b.1 executed c 1 GET 1 2", "orders-a.1 right c pay-b.1 4"))
        .isEmpty();
    assertThat(violations(call, "pay-a.1 executed c 1 GET 1 2", "orders-a.1 right c pay-a.1 4"))
        .singleElement()
        .asString()
        .startsWith("a tester not served by v2");
  }

  @Test
  void anErrorIsAServersOrOneThatAPolicyNames() {
    String executed = "pay-a.1 executed c 1 POST 1 2";
    String refused = "orders-a.1 refused c 503 - 4";
    assertThat(violations(POST, executed, "pay-a.1 answered c 1 503 3", refused)).isEmpty();
    assertThat(violations(POST, executed, "pay-a.1 answered c 1 200 3", refused)).hasSize(1);

    String late = "orders-a.1 refused c 503 FI;_rule " + Long.MAX_VALUE / 2;
    String hasty = "orders-a.1 refused c 503 UO;_rule 4";
    assertThat(violations(POST.replace(" 1", " " + (Long.MAX_VALUE / 2 - 1)), late)).isEmpty();
    assertThat(violations(POST, hasty)).singleElement().asString().contains("no policy says so");
  }

  @Test
  void aFailureHasACause() {
    String[] broken = {POST, "pay-a.1 executed c 1 POST 1 2", "orders-a.1 threw c reset 4"};
    String[] timedOut = {GET, "orders-a.1 threw c UT;_rule 4"};

    assertThat(violations(broken)).singleElement().asString().contains("everybody was well");
    assertThat(violations(timedOut)).singleElement().asString().startsWith("timed out");
    hurt(Hurt.Kind.RESET, "pay", "pay-a");
    assertThat(violations(broken)).isEmpty();
  }

  @Test
  void whoeverIsNotReachedIsReplacedBySomebodyWhoIsWell() {
    String[] lines = {GET, "orders-a.1 threw c java.net.ConnectException 4"};
    hurt(Hurt.Kind.KILL, "pay", "pay-a");

    assertThat(violations(lines)).singleElement().asString().startsWith("not sent, though");
    hurt(Hurt.Kind.KILL, "pay", "pay-b");
    assertThat(violations(lines)).isEmpty();
  }

  @Test
  void whoDiedWhenNoServerCouldNoticeMayBeCalledForLonger() {
    String[] later = {
      POST.replace("POST - 1", "POST - " + 40 * SECOND),
      "orders-a.1 threw c java.net.ConnectException " + 41 * SECOND
    };
    hurt(Hurt.Kind.KILL, "pay", "pay-a");

    assertThat(violations(later))
        .hasSize(2)
        .anySatisfy(each -> assertThat(each).contains("everybody was well"));
    hurt(Hurt.Kind.SERVER, "", "");
    assertThat(violations(later)).singleElement().asString().startsWith("not sent, though");
  }

  @Test
  void whoRegisteredJustBeforeTheServerWasKilledMayBeMissingAMoment() {
    String call = "orders-a.1 called c pay r GET v2 ";
    String refused = "orders-a.1 refused c 503 UH;_rule ";
    String[] soon = {call + 4 * SECOND, refused + (4 * SECOND + 1)};
    String[] later = {call + 7 * SECOND, refused + (7 * SECOND + 1)};
    hurt(Hurt.Kind.KILL, "pay", "pay-b");

    assertThat(violations(soon)).singleElement().asString().contains("no policy says so");
    hurt(Hurt.Kind.SERVER, "", "");
    assertThat(violations(soon)).isEmpty();
    assertThat(violations(later)).singleElement().asString().contains("no policy says so");
  }

  @Test
  void everyCallEndsAndSoon() {
    assertThat(violations(POST)).singleElement().asString().startsWith("never ended");
    assertThat(
            violations(
                POST, "pay-a.1 executed c 1 POST 1 2", "orders-a.1 right c pay-a.1 " + 21 * SECOND))
        .singleElement()
        .asString()
        .startsWith("took 2");
    hurt(Hurt.Kind.KILL, "orders", "orders-a");
    assertThat(violations(POST)).isEmpty();
  }
}
