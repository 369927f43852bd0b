package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.wire.app.ApacheClient;
import dev.weft.benchmarks.wire.app.NettyClient;
import dev.weft.benchmarks.wire.app.NettyServer;
import dev.weft.benchmarks.wire.app.TomcatServer;
import java.util.Locale;

/** The libraries that the two applications are made of. */
enum Stack {
  NETTY("netty -> netty", NettyClient.class, NettyServer.class),
  TOMCAT("HttpClient 5 -> Tomcat 10.1", ApacheClient.class, TomcatServer.class);

  private final String title;
  private final Class<?> client;
  private final Class<?> server;

  Stack(String title, Class<?> client, Class<?> server) {
    this.title = title;
    this.client = client;
    this.server = server;
  }

  String title() {
    return title;
  }

  Class<?> client() {
    return client;
  }

  Class<?> server() {
    return server;
  }

  String option() {
    return name().toLowerCase(Locale.ROOT);
  }
}
