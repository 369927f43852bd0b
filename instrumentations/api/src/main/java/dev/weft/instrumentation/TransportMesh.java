package dev.weft.instrumentation;

import java.net.InetAddress;
import java.util.List;

/**
 * What adapters of a library's own transports and name resolvers ask of the mesh: of those that go
 * round the JDK's. Thread-safe; never blocks, never throws.
 */
public interface TransportMesh {
  /**
   * The addresses under which this process reaches a host of the mesh.
   *
   * @param host as the application wrote it, in any case
   * @return empty: no host of the mesh; resolve it as without us
   */
  List<InetAddress> resolve(String host);

  /**
   * A transport that bypasses the JDK's sockets was said to be unavailable.
   *
   * @param transport binary name of the class that stands for it
   */
  void steered(String transport);

  /**
   * A transport that bypasses the JDK's sockets was demanded all the same, and refused.
   *
   * @param transport binary name of the class that stands for it
   */
  void refused(String transport);
}
