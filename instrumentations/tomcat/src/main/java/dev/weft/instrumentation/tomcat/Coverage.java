package dev.weft.instrumentation.tomcat;

import dev.weft.instrumentation.Mesh;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.apache.catalina.Engine;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;

/** Tells the mesh which ports hand all their requests to {@link MeshValve}. */
final class Coverage {
  private Coverage() {}

  /** Whether the connector's port is known, and so has been told where it is covered. */
  static boolean started(Connector connector) {
    int port = connector.getLocalPort();
    if (port <= 0) {
      return false;
    }
    if (covers(connector)) {
      Mesh.server().covers(local(connector, port), TomcatInstrumentation.NAME);
    }
    return true;
  }

  static void stopped(Connector connector) {
    int port = connector.getLocalPort();
    if (port > 0 && covers(connector)) {
      Mesh.server().uncovers(local(connector, port), TomcatInstrumentation.NAME);
    }
  }

  private static InetSocketAddress local(Connector connector, int port) {
    InetAddress address =
        connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol
            ? protocol.getAddress()
            : null;
    return address == null ? new InetSocketAddress(port) : new InetSocketAddress(address, port);
  }

  /** HTTP only: behind AJP the peer of the socket is the front end, not the caller. */
  private static boolean covers(Connector connector) {
    Engine engine = connector.getService().getContainer();
    return http(connector)
        && engine != null
        && engine.getPipeline().getFirst() instanceof MeshValve;
  }

  /** Whether the connector speaks HTTP itself. */
  static boolean http(Connector connector) {
    return connector.getProtocolHandlerClassName().startsWith("org.apache.coyote.http11.");
  }
}
