package app;

import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import java.util.List;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Remote objects on ports that nobody knows before: RMI with its registry, and remote management.
 * Prints {@code <story> ok} or what went wrong.
 */
public final class Remotes {
  private Remotes() {}

  /** A remote object. */
  public interface Mirror extends Remote {
    /** Whoever asks gets what was sent. */
    Thing reflect(Thing thing) throws RemoteException;

    /** An exception crosses the wire, too. */
    void refuse() throws RemoteException;
  }

  /** Something that is sent. */
  public record Thing(String name, List<byte[]> parts) implements Serializable {}

  /** The other end's side of it. */
  private static final class RealMirror implements Mirror {
    @Override
    public Thing reflect(Thing thing) {
      return thing;
    }

    @Override
    public void refuse() {
      throw new IllegalStateException("refused by the mirror");
    }
  }

  /** Plays both stories. */
  public static void main(String[] args) throws Exception {
    System.setProperty("java.rmi.server.hostname", "127.0.0.1");
    objects();
    System.out.println("remote objects ok");
    management();
    System.out.println("remote management ok");
    System.out.println("done");
    System.exit(0);
  }

  private static void objects() throws Exception {
    int port = freePort();
    Registry registry = LocateRegistry.createRegistry(port);
    RealMirror real = new RealMirror();
    registry.bind("mirror", UnicastRemoteObject.exportObject(real, 0));

    Mirror mirror = (Mirror) LocateRegistry.getRegistry("127.0.0.1", port).lookup("mirror");
    Thing sent = new Thing("large", List.of(new byte[100_000], new byte[3]));
    Thing back = mirror.reflect(sent);
    expect(back != sent && back.parts().get(0).length == 100_000, "not reflected: " + back);
    try {
      mirror.refuse();
      throw new AssertionError("not refused");
    } catch (IllegalStateException asItShouldBe) {
      expect(asItShouldBe.getMessage().equals("refused by the mirror"), asItShouldBe.toString());
    }
    UnicastRemoteObject.unexportObject(real, true);
    UnicastRemoteObject.unexportObject(registry, true);
  }

  private static void management() throws Exception {
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("service:jmx:rmi://127.0.0.1"),
            null,
            ManagementFactory.getPlatformMBeanServer());
    server.start();
    try (JMXConnector connector = JMXConnectorFactory.connect(server.getAddress())) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      Object name = beans.getAttribute(new ObjectName("java.lang:type=Runtime"), "SpecName");
      expect(String.valueOf(name).contains("Java"), "SpecName " + name);
    }
    server.stop();
  }

  private static int freePort() throws Exception {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }

  private static void expect(boolean held, String otherwise) {
    if (!held) {
      throw new AssertionError(otherwise);
    }
  }
}
