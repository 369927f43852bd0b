package dev.weft.agent;

import java.lang.instrument.Instrumentation;

/** Wires the agent. */
public final class Agent {
  private Agent() {}

  /** Called by the premain class, in the isolated class loader. */
  public static void start(String arguments, Instrumentation instrumentation) {}
}
