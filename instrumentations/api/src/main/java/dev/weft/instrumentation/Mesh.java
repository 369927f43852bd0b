package dev.weft.instrumentation;

/**
 * The adapters' way into the mesh: woven code has no constructor through which the agent could hand
 * it anything. Set once by the agent before the first class is woven; until then every request
 * passes. Thread-safe.
 */
public final class Mesh {
  private static volatile ClientMesh client = new PassingClientMesh();
  private static volatile ServerMesh server = new PassingServerMesh();
  private static volatile TransportMesh transport = new PassingTransportMesh();

  private Mesh() {}

  /** Takes over all adapters' traffic. */
  public static void install(ClientMesh clientMesh, ServerMesh serverMesh) {
    client = clientMesh;
    server = serverMesh;
  }

  /** Takes over what goes round the JDK's sockets and resolver. */
  public static void install(TransportMesh transportMesh) {
    transport = transportMesh;
  }

  /** What client libraries ask. */
  public static ClientMesh client() {
    return client;
  }

  /** What server libraries ask. */
  public static ServerMesh server() {
    return server;
  }

  /** What transports and resolvers ask. */
  public static TransportMesh transport() {
    return transport;
  }
}
