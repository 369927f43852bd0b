package dev.weft.server.demo;

import dev.weft.server.enroll.JoinTokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The programs of {@code examples/shop} in a {@link LocalMesh}: web, orders, pay (two instances of
 * v1, one of v2) and a client. Thread-safe.
 */
public final class Shop {
  /** What the client calls. */
  public static final String WEB = "http://web/";

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final LocalMesh mesh;
  private final Jars jars;
  private final Map<String, String> tokens = new TreeMap<>();
  private final Map<String, Child> programs = new TreeMap<>();
  private final Map<String, Client> clients = new HashMap<>();

  private Shop(LocalMesh mesh, Jars jars) {
    this.mesh = mesh;
    this.jars = jars;
  }

  /**
   * Starts every program and waits until the first order goes through each of them.
   *
   * @param mesh its server runs
   */
  public static Shop start(LocalMesh mesh, Jars jars) throws IOException, InterruptedException {
    Shop shop = new Shop(mesh, jars);
    for (String account : List.of("web", "orders", "pay", "client", "intruder")) {
      shop.tokens.put(account, mesh.token(account, account, 10));
    }
    shop.pay("pay-v1-a", "v1");
    shop.pay("pay-v1-b", "v1");
    shop.pay("pay-v2", "v2");
    shop.run(Program.of("orders", shop.main("shop.Orders")));
    shop.run(Program.of("web", shop.main("shop.Web")));
    shop.run(Program.of("client", shop.main("shop.Client")));
    shop.awaitOpen();
    return shop;
  }

  /** The mesh it runs in. */
  public LocalMesh mesh() {
    return mesh;
  }

  /** The customer. */
  public Client client() throws InterruptedException {
    return client("client");
  }

  /** One of its programs. */
  public Child program(String name) {
    Child program = programs.get(name);
    if (program == null) {
      throw new IllegalArgumentException("no program is called " + name);
    }
    return program;
  }

  /** Where one of its servers really listens. */
  public InetSocketAddress address(String name) throws InterruptedException {
    return LocalMesh.address(program(name));
  }

  /** Starts another client, with the identity of this service account. */
  public Client clientAs(String name, String account) throws IOException, InterruptedException {
    Program program =
        new Program(name, account, account, Map.of("app", name), Map.of(), main("shop.Client"));
    if (name.equals(account)) {
      run(program);
    } else {
      // By its label it is no endpoint of the account's service, and a token has to say so.
      run(
          program,
          mesh.token(
              new JoinTokens.Order(
                  account, "default", account, Map.of("app", name), Duration.ofHours(1), 1)));
    }
    return client(name);
  }

  private void pay(String name, String version) throws IOException {
    run(
        Program.of("pay", main("shop.Pay"))
            .named(name)
            .labelled(Map.of("app", "pay", "version", version))
            .with(Map.of("PAY_VERSION", version, "PAY_INSTANCE", name)));
  }

  private void run(Program program) throws IOException {
    String token = tokens.get(program.account());
    if (token == null) {
      throw new IllegalArgumentException("no token for " + program.account());
    }
    run(program, token);
  }

  private void run(Program program, String token) throws IOException {
    programs.put(program.name(), mesh.run(program, token, Map.of()));
  }

  private synchronized Client client(String name) throws InterruptedException {
    Client client = clients.get(name);
    if (client == null) {
      Child child = program(name);
      child.awaitLine("ready", PATIENCE);
      client = new Client(child);
      clients.put(name, client);
    }
    return client;
  }

  private List<String> main(String mainClass) {
    return List.of("-cp", jars.shopClassPath(), mainClass);
  }

  /** Every instance of pay has been paid: before, a share of traffic says nothing. */
  private void awaitOpen() throws IOException, InterruptedException {
    for (String server : List.of("pay-v1-a", "pay-v1-b", "pay-v2", "orders", "web")) {
      address(server);
    }
    Load load = Load.start(client(), WEB, 2);
    try {
      for (String instance : List.of("pay-v1-a", "pay-v1-b", "pay-v2")) {
        load.awaitFirst("an order paid by " + instance, a -> a.instance().equals(instance));
      }
    } finally {
      load.stop();
    }
  }
}
