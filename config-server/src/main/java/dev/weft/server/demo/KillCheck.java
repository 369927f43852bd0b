package dev.weft.server.demo;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** An instance of pay dies by SIGKILL under load, and nobody at web notices. */
public final class KillCheck implements Check {
  private static final String VICTIM = "pay-v1-a";
  private static final int REQUESTS = 1_000;

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    Load load = Load.start(shop.client(), Shop.WEB, 8);
    load.awaitFurther(REQUESTS);
    long killed = System.nanoTime();
    shop.program(VICTIM).kill();
    load.awaitFurther(REQUESTS);
    List<Answer> answers = load.stop();
    List<Answer> before = answers.stream().filter(a -> a.receivedNanos() < killed).toList();
    long by = before.stream().filter(a -> a.instance().equals(VICTIM)).count();
    Map<String, Integer> failures = Tally.failures(answers);
    return List.of(
        new Row(
            "one pay instance killed under load",
            answers.size()
                + " requests at web, "
                + failures.values().stream().mapToInt(Integer::intValue).sum()
                + " failed; "
                + VICTIM
                + " answered "
                + by
                + " before SIGKILL, the others "
                + (answers.size() - before.size())
                + " after it"
                + (failures.isEmpty() ? "" : ": " + failures),
            failures.isEmpty() && by > 0));
  }
}
