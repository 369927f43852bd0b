package dev.weft.server.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** Plaintext is refused under STRICT, and accepted once the document says PERMISSIVE. */
public final class PlaintextCheck implements Check {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String STRICT = "mode: STRICT";
  private static final String PERMISSIVE = "mode: PERMISSIVE";

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    InetSocketAddress web = shop.address("web");
    String strict = PlaintextProbe.send(web);
    shop.mesh().edit("security.yaml", text -> text.replace(STRICT, PERMISSIVE));
    String permissive =
        Wait.until(PATIENCE, () -> PlaintextProbe.send(web), PlaintextProbe::accepted);
    String kept;
    String again;
    try (PlaintextProbe.Kept open = PlaintextProbe.keep(web)) {
      shop.mesh().edit("security.yaml", text -> text.replace(PERMISSIVE, STRICT));
      again =
          Wait.until(
              PATIENCE, () -> PlaintextProbe.send(web), seen -> !PlaintextProbe.accepted(seen));
      kept = open.ask();
    }
    return List.of(
        row("plaintext probe under STRICT", strict, PlaintextProbe.refused(strict)),
        row("edited to PERMISSIVE", permissive, PlaintextProbe.accepted(permissive)),
        row("edited back to STRICT", again, PlaintextProbe.refused(again)),
        row("a connection from before that", kept, PlaintextProbe.refused(kept)));
  }

  private static Row row(String claim, String seen, boolean held) {
    return new Row(claim, "plain HTTP to web: " + seen, held);
  }
}
