package dev.weft.instrumentation.netty;

/** What people read who look for a native transport and do not find it. */
final class Steering {
  private Steering() {}

  /** Why it is said to be unavailable. */
  static String reason(String transport) {
    return "Weft steers Netty to NIO: connections of "
        + transport
        + " bypass the JDK's sockets, so that nothing would secure them";
  }

  /** What to do about it. */
  static String remedy(String transport) {
    String name = transport.substring(transport.lastIndexOf('.') + 1);
    return ". Choose by "
        + name
        + ".isAvailable(), or use NioEventLoopGroup (Netty 4.2: NioIoHandler) with NioSocketChannel"
        + " and NioServerSocketChannel; weft.instrumentation.netty-native=false permits "
        + name
        + ", outside the mesh";
  }
}
