package dev.weft.instrumentation;

import org.jspecify.annotations.Nullable;

/** Before the agent has installed the real one: nothing is meshed. */
final class PassingClientMesh implements ClientMesh {
  @Override
  public boolean knows(String host) {
    return false;
  }

  @Override
  public @Nullable ClientExchange begin(String library, OutboundRequest request) {
    return null;
  }
}
