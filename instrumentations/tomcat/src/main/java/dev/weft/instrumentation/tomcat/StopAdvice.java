package dev.weft.instrumentation.tomcat;

import net.bytebuddy.asm.Advice;
import org.apache.catalina.connector.Connector;

/** Woven into {@code Connector.stopInternal()}, which gives the port free. */
public final class StopAdvice {
  private StopAdvice() {}

  /** Only tells. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  public static void enter(@Advice.This Connector connector) {
    Coverage.stopped(connector);
  }
}
