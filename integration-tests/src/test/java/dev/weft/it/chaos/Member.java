package dev.weft.it.chaos;

import java.util.List;
import java.util.stream.Stream;

/**
 * A place in the graph of services, which one process after the other fills.
 *
 * @param version {@code v1} or {@code v2}
 * @param server a class of {@code app.chaos}; empty: it serves nobody
 * @param library a class of {@code clients}
 * @param jars the folder of the library's jars; empty: it is the JDK's
 * @param below the services that it asks
 */
record Member(
    String name,
    String service,
    String version,
    String server,
    String library,
    String jars,
    List<String> below) {
  private static final String JDK = "app.chaos.JdkServer";
  private static final String TOMCAT = "app.chaos.TomcatServer";

  /** The one who asks. */
  static final Member CUSTOMER =
      new Member(
          "customer", "customer", "v1", "", "clients.JavaNetHttp$Async", "", List.of("gate"));

  /** {@code gate -> orders -> {stock, pay} -> ledger}. */
  static final List<Member> ALL =
      List.of(
          new Member(
              "gate",
              "gate",
              "v1",
              TOMCAT,
              "clients.OkHttp$Sync",
              "okhttp5-newest",
              List.of("orders")),
          orders("orders-a", "v1"),
          orders("orders-b", "v2"),
          stock("stock-a", "v1"),
          stock("stock-b", "v2"),
          pay("pay-a", "v1"),
          pay("pay-b", "v2"),
          new Member("ledger-a", "ledger", "v1", JDK, "clients.UrlConnection", "", List.of()),
          new Member("ledger-b", "ledger", "v2", TOMCAT, "clients.UrlConnection", "", List.of()));

  private static Member orders(String name, String version) {
    return new Member(
        name,
        "orders",
        version,
        JDK,
        "clients.HttpClient5",
        "httpclient5-newest",
        List.of("stock", "pay"));
  }

  private static Member stock(String name, String version) {
    return new Member(
        name, "stock", version, TOMCAT, "clients.UrlConnection", "", List.of("ledger"));
  }

  private static Member pay(String name, String version) {
    return new Member(
        name,
        "pay",
        version,
        JDK,
        "clients.ReactorNetty",
        "reactor-netty-13-newest",
        List.of("ledger"));
  }

  /** Whether it closes connections that nobody has used for a moment, sometimes as one is used. */
  boolean closesIdle() {
    return service.equals("ledger");
  }

  /**
   * Whether its library sends what is idempotent a second time to the same endpoint by itself when
   * the connection ends without an answer. HttpURLConnection does.
   */
  boolean repeats() {
    return library.equals("clients.UrlConnection");
  }

  /** By its name. */
  static Member of(String name) {
    return Stream.concat(ALL.stream(), Stream.of(CUSTOMER))
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Those who may be harmed: each has a twin. */
  boolean harmable() {
    return !service.equals("customer") && !service.equals("gate");
  }
}
