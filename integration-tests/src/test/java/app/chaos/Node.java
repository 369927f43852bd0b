package app.chaos;

import clients.Library;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The program: an instance of a service, or the customer. Obeys lines of stdin and ends with it.
 *
 * <p>Environment: {@code SERVICE}, {@code INSTANCE}, {@code VERSION}, {@code JOURNAL}, {@code
 * BELOW} (services, separated by commas), {@code SERVER} (a class, none for the customer), {@code
 * PORT}, {@code IDLE_SECONDS}, {@code LIBRARY} (a class of the package {@code clients}), {@code
 * SEED} (the customer's).
 */
public final class Node {
  private static final Map<String, String> GIVEN = System.getenv();

  private Node() {}

  /** Prints {@code listening <port>}, or {@code ready}. */
  public static void main(String[] args) throws Exception {
    Journal journal = new Journal(Path.of(GIVEN.get("JOURNAL")));
    Downstream downstream = new Downstream(GIVEN.get("INSTANCE"), library(), journal);
    List<String> below =
        Arrays.stream(GIVEN.get("BELOW").split(",")).filter(name -> !name.isEmpty()).toList();
    Application application =
        new Application(
            GIVEN.get("SERVICE"),
            GIVEN.get("INSTANCE"),
            GIVEN.get("VERSION"),
            below,
            downstream,
            journal);
    Customer customer = null;
    if (GIVEN.containsKey("SERVER")) {
      Server server = make(GIVEN.get("SERVER"), Server.class);
      int port =
          server.start(
              Integer.parseInt(GIVEN.get("PORT")),
              Integer.parseInt(GIVEN.get("IDLE_SECONDS")),
              application::serve);
      System.out.println("listening " + port);
    } else {
      customer = new Customer(downstream, journal, Long.parseLong(GIVEN.get("SEED")));
      System.out.println("ready");
    }
    obey(application, customer);
    System.exit(0);
  }

  private static void obey(Application application, Customer customer)
      throws IOException, InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "harm" ->
            application.suffer(
                new Harm(
                    Harm.Kind.valueOf(words[1]),
                    Integer.parseInt(words[2]),
                    Integer.parseInt(words[3])));
        case "start" -> customer.start(Integer.parseInt(words[1]));
        case "stop" -> customer.stop();
        case "residue" -> System.gc();
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done " + words[words.length - 1] + " " + residue());
    }
  }

  /** Direct memory in bytes, then each name of threads, without its numbers, and how many. */
  private static String residue() {
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    TreeMap<String, Long> threads =
        Thread.getAllStackTraces().keySet().stream()
            .map(thread -> thread.getName().replaceAll("[0-9]+", "#").replaceAll("[ ,=]", "_"))
            .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
    return direct
        + " "
        + threads.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(","));
  }

  private static Library library() throws ReflectiveOperationException {
    return make(GIVEN.get("LIBRARY"), Library.class);
  }

  private static <T> T make(String name, Class<T> role) throws ReflectiveOperationException {
    var constructor = Class.forName(name).asSubclass(role).getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }
}
