package dev.weft.instrumentation;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Before the agent has installed the real one: everything is let in and nothing is observed. */
final class PassingServerMesh implements ServerMesh {
  @Override
  public @Nullable ServerExchange begin(String library, InboundRequest request) {
    return null;
  }

  @Override
  public void covers(InetSocketAddress local, String library) {}

  @Override
  public void uncovers(InetSocketAddress local, String library) {}
}
