package systems;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/**
 * Three ZooKeeper servers in one JVM: they elect a leader and replicate over blocking sockets, and
 * serve their clients with selectors.
 */
public final class ZooKeeperEnsemble {
  private static final int SERVERS = 3;

  private ZooKeeperEnsemble() {}

  /**
   * Prints {@code listening <port> <port> <port>}; takes a few seconds to answer there.
   *
   * @param args the folder for its data
   */
  public static void main(String[] args) throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    List<Integer> ports = free(3 * SERVERS);
    List<Integer> clientPorts = ports.subList(0, SERVERS);
    StringBuilder members = new StringBuilder();
    for (int i = 1; i <= SERVERS; i++) {
      members
          .append("server." + i + "=127.0.0.1:" + ports.get(SERVERS + i - 1))
          .append(":" + ports.get(2 * SERVERS + i - 1) + "\n");
    }
    Path folder = Path.of(args[0]);
    List<Thread> servers = new ArrayList<>();
    for (int i = 1; i <= SERVERS; i++) {
      servers.add(server(folder.resolve("server-" + i), i, clientPorts.get(i - 1), members));
    }
    System.out.println("listening " + clientPorts.toString().replaceAll("[\\[\\],]", ""));
    for (Thread server : servers) {
      server.join();
    }
  }

  private static Thread server(Path folder, int id, int clientPort, CharSequence members)
      throws IOException, QuorumPeerConfig.ConfigException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("myid"), id + "\n");
    Path file =
        Files.writeString(
            folder.resolve("zoo.cfg"),
            """
            tickTime=1000
            initLimit=30
            syncLimit=15
            dataDir=%s
            clientPortAddress=127.0.0.1
            clientPort=%d
            %s
            """
                .formatted(folder, clientPort, members));
    QuorumPeerConfig config = new QuorumPeerConfig();
    config.parse(file.toString());
    Thread thread =
        new Thread(
            () -> {
              try {
                new QuorumPeerMain().runFromConfig(config);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            "server-" + id);
    thread.start();
    return thread;
  }

  /** Every member must know every other's ports before any of them listens. */
  private static List<Integer> free(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        ports.add(socket.getLocalPort());
      }
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
    return ports;
  }
}
