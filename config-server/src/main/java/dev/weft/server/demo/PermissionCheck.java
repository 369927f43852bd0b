package dev.weft.server.demo;

import java.io.IOException;
import java.util.List;

/** Only orders may call pay; the same program with another identity is told which rule says so. */
public final class PermissionCheck implements Check {
  private static final String RULE = "pay-from-orders";
  private static final String PAY = "http://pay/pay";

  @Override
  public List<Row> observe(Shop shop) throws IOException, InterruptedException {
    try (Client intruder = shop.clientAs("intruder", "intruder");
        Client twin = shop.clientAs("twin", "orders")) {
      Answer refused = intruder.get(PAY);
      Answer paid = twin.get(PAY);
      return List.of(
          new Row(
              "a caller without permission",
              "intruder -> pay: " + refused.status() + ", x-weft-reason: " + refused.reason(),
              refused.status() == 403 && refused.reason().contains(RULE)),
          new Row(
              "its twin as orders",
              "sa/orders -> pay: " + paid.status() + " by " + paid.instance(),
              paid.ok() && !paid.instance().isEmpty()));
    }
  }
}
