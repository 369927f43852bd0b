package dev.weft.server.demo;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A canary of 90/10, moved to 50/50 by an edit of the YAML file while traffic flows. The edited
 * rule also sets the header {@code x-canary: 50}, which pay repeats: so the first request that
 * follows the edit can be told from the last one that does not.
 */
public final class CanaryCheck implements Check {
  private static final int REQUESTS = 1_500;
  private static final int CONCURRENCY = 8;
  private static final String BEFORE =
      """
          - backendRefs:
              - {name: pay-v1, port: 80, weight: 90}
              - {name: pay-v2, port: 80, weight: 10}
      """;
  private static final String AFTER =
      """
          - filters:
              - type: RequestHeaderModifier
                requestHeaderModifier:
                  set:
                    - {name: x-canary, value: "50"}
            backendRefs:
              - {name: pay-v1, port: 80, weight: 50}
              - {name: pay-v2, port: 80, weight: 50}
      """;

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    List<Answer> before = Load.of(REQUESTS, shop.client(), Shop.WEB, CONCURRENCY);
    Share tenth = Share.of(before, answer -> answer.version().equals("v2"));

    Load load = Load.start(shop.client(), Shop.WEB, CONCURRENCY);
    load.awaitFurther(100);
    long saved = shop.mesh().edit("pay-route.yaml", CanaryCheck::moveToHalf);
    Answer first = load.awaitFirst("an answer by the edited rule", CanaryCheck::byEditedRule);
    load.awaitFurther(REQUESTS);
    List<Answer> during = load.stop();
    List<Answer> after = during.stream().filter(CanaryCheck::byEditedRule).toList();
    Share half = Share.of(after, answer -> answer.version().equals("v2"));

    return List.of(
        new Row(
            "canary 90/10 of pay",
            "v2 paid " + tenth.against(0.1) + failures(before),
            tenth.fits(0.1) && Tally.failures(before).isEmpty()),
        new Row(
            "moved to 50/50 by editing the YAML",
            String.format(
                Locale.ROOT,
                "first answer by the new rule %.0f ms after the save; from then on v2 paid %s%s",
                (first.receivedNanos() - saved) / 1e6,
                half.against(0.5),
                failures(during)),
            half.fits(0.5) && Tally.failures(during).isEmpty()));
  }

  private static boolean byEditedRule(Answer answer) {
    return answer.canary().equals("50");
  }

  private static String moveToHalf(String route) {
    if (!route.contains(BEFORE)) {
      throw new IllegalStateException("pay-route.yaml has no rule of 90/10 to edit");
    }
    return route.replace(BEFORE, AFTER);
  }

  private static String failures(List<Answer> answers) {
    return Tally.failures(answers).isEmpty() ? "" : "; FAILED: " + Tally.failures(answers);
  }
}
