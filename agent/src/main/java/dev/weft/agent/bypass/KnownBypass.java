package dev.weft.agent.bypass;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A class whose instances talk TCP, or something in its place, without the JDK's sockets.
 *
 * @param type name with slashes, as the JVM writes it
 * @param relocated whether it counts below any other package, too: libraries carry copies of Netty
 * @param what what it is, for people
 * @param steeredBy the instrumentation that keeps it from being used; null: nothing does
 */
record KnownBypass(String type, boolean relocated, String what, @Nullable String steeredBy) {
  /**
   * Everything we know of, by the last part of their names; what is left out on purpose speaks UDP
   * or Unix sockets only. Not a constant: to initialise a class while another one is loaded, as
   * these are asked for, can wait for ever on a thread that loads what the initialiser needs.
   */
  static Map<String, KnownBypass> bySimpleName() {
    return Stream.concat(
            Stream.of(
                    netty("epoll/Epoll", "epoll"),
                    netty("kqueue/KQueue", "kqueue"),
                    netty("uring/IoUring", "io_uring"),
                    nettyIncubator())
                .flatMap(List::stream),
            Stream.of(
                new KnownBypass(
                    "org/apache/tomcat/util/net/AprEndpoint", false, "Tomcat APR", "tomcat-apr"),
                // inetd and systemd hand such a connection to a JVM; nobody accepts it.
                always(
                    "sun/nio/ch/InheritedChannel$InheritedSocketChannelImpl",
                    "a connection inherited from the process's parent"),
                always("software/amazon/awssdk/crt/io/ClientBootstrap", "AWS Common Runtime"),
                always("oracle/jdbc/driver/T2CConnection", "Oracle JDBC over OCI"),
                always("com/ibm/db2/jcc/t2/T2Connection", "Db2 JDBC type 2"),
                always("org/openucx/jucx/ucp/UcpContext", "UCX"),
                always("org/chromium/net/impl/CronetUrlRequestContext", "Cronet")))
        .collect(Collectors.toUnmodifiableMap(KnownBypass::simpleName, known -> known));
  }

  private static List<KnownBypass> netty(String prefix, String transport) {
    return nettyChannels("io/netty/channel/" + prefix, transport);
  }

  private static List<KnownBypass> nettyIncubator() {
    return nettyChannels("io/netty/incubator/channel/uring/IOUring", "io_uring (incubator)");
  }

  /** The channels, not the event loops: those may serve Unix sockets or nobody. */
  private static List<KnownBypass> nettyChannels(String prefix, String transport) {
    return Stream.of("SocketChannel", "ServerSocketChannel")
        .map(
            channel ->
                new KnownBypass(prefix + channel, true, "Netty " + transport, "netty-native"))
        .toList();
  }

  private static KnownBypass always(String type, String what) {
    return new KnownBypass(type, false, what, null);
  }

  private String simpleName() {
    return type.substring(type.lastIndexOf('/') + 1);
  }

  /** Whether a class with this name, written with slashes, is meant. */
  boolean matches(String className) {
    return className.endsWith(type)
        && (className.length() == type.length()
            || (relocated && className.charAt(className.length() - type.length() - 1) == '/'));
  }
}
