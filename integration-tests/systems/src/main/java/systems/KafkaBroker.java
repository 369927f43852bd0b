package systems;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka broker that is its own controller (KRaft), started as its scripts start it. {@code
 * ADVERTISED} is the host by which clients shall reach it.
 */
public final class KafkaBroker {
  private static final String LOOPBACK = "127.0.0.1";

  private KafkaBroker() {}

  /**
   * Prints {@code listening <port>}; takes a few seconds to answer there.
   *
   * @param args the folder for its data
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    int broker;
    int controller;
    InetAddress loopback = InetAddress.getLoopbackAddress();
    // Both its configuration and its clients must know the numbers before it listens.
    try (ServerSocket one = new ServerSocket(0, 1, loopback);
        ServerSocket other = new ServerSocket(0, 1, loopback)) {
      broker = one.getLocalPort();
      controller = other.getLocalPort();
    }
    String config = configuration(folder, broker, controller).toString();
    StorageTool.execute(
        new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", config}, System.err);
    System.out.println("listening " + broker);
    Kafka.main(new String[] {config});
  }

  private static Path configuration(Path folder, int broker, int controller) throws IOException {
    String advertised = System.getenv().getOrDefault("ADVERTISED", LOOPBACK);
    Map<String, String> lines = new TreeMap<>();
    lines.put("process.roles", "broker,controller");
    lines.put("node.id", "1");
    lines.put("controller.quorum.voters", "1@" + LOOPBACK + ":" + controller);
    lines.put("controller.listener.names", "CONTROLLER");
    lines.put(
        "listeners",
        "PLAINTEXT://" + LOOPBACK + ":" + broker + ",CONTROLLER://" + LOOPBACK + ":" + controller);
    lines.put("advertised.listeners", "PLAINTEXT://" + advertised + ":" + broker);
    lines.put("log.dirs", folder.resolve("logs").toString());
    lines.put("auto.create.topics.enable", "false");
    lines.put("group.initial.rebalance.delay.ms", "0");
    for (String topic : List.of("offsets.topic", "transaction.state.log")) {
      lines.put(topic + ".replication.factor", "1");
      lines.put(topic + ".num.partitions", "1");
    }
    lines.put("transaction.state.log.min.isr", "1");
    StringBuilder text = new StringBuilder();
    lines.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return Files.writeString(folder.resolve("server.properties"), text);
  }
}
