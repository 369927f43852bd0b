package dev.weft.instrumentation.tomcat;

import net.bytebuddy.asm.Advice;
import org.apache.catalina.connector.Connector;

/**
 * Woven into {@code Connector.startInternal()}. Usually the connector is bound before; where it is
 * bound while it starts ({@code bindOnInit=false}), its port is known only afterwards, and until
 * then the wire layer refuses what it cannot decide.
 */
public final class StartAdvice {
  private StartAdvice() {}

  /** Returns whether the port was covered before the start. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  public static boolean enter(@Advice.This Connector connector) {
    return Coverage.started(connector);
  }

  /** Covers the port of a connector that was bound by the start itself. */
  @Advice.OnMethodExit(inline = false, suppress = Throwable.class)
  public static void exit(@Advice.This Connector connector, @Advice.Enter boolean covered) {
    if (!covered) {
      Coverage.started(connector);
    }
  }
}
