package dev.weft.server.demo;

import java.io.IOException;
import java.util.List;

/** Whoever says {@code x-tester: v2} is always paid by v2. */
public final class TesterCheck implements Check {
  private static final int REQUESTS = 200;

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    List<Answer> answers = Load.of(REQUESTS, shop.client(), Shop.WEB, 4, "x-tester=v2");
    long onV2 = answers.stream().filter(a -> a.ok() && a.version().equals("v2")).count();
    return List.of(
        new Row(
            "tester pinned to v2 by header",
            "v2 paid " + onV2 + " of " + answers.size(),
            onV2 == answers.size()));
  }
}
