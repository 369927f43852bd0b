package systems;

import static systems.Stories.expect;
import static systems.Stories.expectSame;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;

/**
 * Works on ZooKeeper. Each argument is {@code <variant>=<connect string>}; a variant whose name
 * starts with {@code netty} uses the client's Netty connection, others its NIO connection.
 */
public final class ZooKeeperClient {
  private static final int NODES = 1_000;
  private static final int LARGE = 900_000;
  private static final int SESSIONS = 8;
  private static final int PATIENCE_SECONDS = 60;

  private final String connect;
  private final boolean netty;
  private final String root;

  private ZooKeeperClient(String variant, String connect) {
    this.connect = connect;
    this.netty = variant.startsWith("netty");
    this.root = "/" + variant;
  }

  /** Prints {@code ready}, the stories and {@code done}. */
  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    List<ZooKeeper> idle = new ArrayList<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      ZooKeeperClient client =
          new ZooKeeperClient(arg.substring(0, equals), arg.substring(equals + 1));
      client.playAll(new Stories(arg.substring(0, equals) + "_"));
      idle.add(client.open());
    }
    Stories.awaitFarewell();
    for (ZooKeeper session : idle) {
      session.close();
    }
  }

  private void playAll(Stories stories) {
    stories.play("manyRequestsInFlightAreAllAnswered", this::manyRequestsInFlightAreAllAnswered);
    stories.play("largeNodesComeBackUnchanged", this::largeNodesComeBackUnchanged);
    stories.play("aWatchFires", this::aWatchFires);
    stories.play("ephemeralNodesGoWithTheirSession", this::ephemeralNodesGoWithTheirSession);
    stories.play("aTransactionIsAllOrNothing", this::aTransactionIsAllOrNothing);
    stories.play("manySessionsLiveSideBySide", this::manySessionsLiveSideBySide);
  }

  private void manyRequestsInFlightAreAllAnswered() throws Exception {
    try (ZooKeeper session = open()) {
      session.create(root, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      List<CompletableFuture<String>> created = new ArrayList<>();
      for (int i = 0; i < NODES; i++) {
        CompletableFuture<String> one = new CompletableFuture<>();
        created.add(one);
        session.create(
            root + "/node-" + i,
            ("content of " + i).getBytes(StandardCharsets.UTF_8),
            Ids.OPEN_ACL_UNSAFE,
            CreateMode.PERSISTENT,
            (code, path, context, name) ->
                one.complete(KeeperException.Code.get(code) + " " + path),
            null);
      }
      for (int i = 0; i < NODES; i++) {
        expect("OK " + root + "/node-" + i, created.get(i).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      }
      expect(NODES, session.getChildren(root, false).size());
      expect("content of 7", text(session.getData(root + "/node-7", false, null)));
    }
  }

  private void largeNodesComeBackUnchanged() throws Exception {
    byte[] content = new byte[LARGE];
    new Random(42).nextBytes(content);
    try (ZooKeeper session = open()) {
      for (int i = 0; i < 5; i++) {
        String path = root + "/large-" + i;
        session.create(path, content, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        expectSame(content, session.getData(path, false, null));
      }
    }
  }

  private void aWatchFires() throws Exception {
    try (ZooKeeper watching = open();
        ZooKeeper changing = open()) {
      CompletableFuture<EventType> fired = new CompletableFuture<>();
      watching.getData(root, event -> fired.complete(event.getType()), null);
      changing.setData(root, new byte[] {1}, -1);
      expect(EventType.NodeDataChanged, fired.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
  }

  private void ephemeralNodesGoWithTheirSession() throws Exception {
    String path = root + "/ephemeral";
    try (ZooKeeper watching = open()) {
      CompletableFuture<EventType> gone = new CompletableFuture<>();
      try (ZooKeeper owner = open()) {
        owner.create(path, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        watching.exists(path, event -> gone.complete(event.getType()));
      }
      expect(EventType.NodeDeleted, gone.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
  }

  private void aTransactionIsAllOrNothing() throws Exception {
    try (ZooKeeper session = open()) {
      Op create =
          Op.create(root + "/both", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      try {
        session.multi(List.of(create, Op.delete(root + "/missing", -1)));
        throw new AssertionError("half a transaction succeeded");
      } catch (KeeperException.NoNodeException expected) {
        expect(true, session.exists(root + "/both", false) == null);
      }
      session.multi(List.of(create, Op.setData(root, new byte[] {2}, -1)));
      expect(true, session.exists(root + "/both", false) != null);
    }
  }

  private void manySessionsLiveSideBySide() throws Exception {
    List<ZooKeeper> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < SESSIONS; i++) {
        sessions.add(open());
      }
      for (ZooKeeper session : sessions) {
        expect("content of 7", text(session.getData(root + "/node-7", false, null)));
      }
    } finally {
      for (ZooKeeper session : sessions) {
        session.close();
      }
    }
  }

  private ZooKeeper open() throws Exception {
    ZKClientConfig config = new ZKClientConfig();
    config.setProperty(
        ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET,
        netty
            ? "org.apache.zookeeper.ClientCnxnSocketNetty"
            : "org.apache.zookeeper.ClientCnxnSocketNIO");
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper session =
        new ZooKeeper(
            connect,
            30_000,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            },
            config);
    if (!connected.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("no connection to " + connect + ": " + session);
    }
    return session;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
