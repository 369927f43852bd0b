package dev.weft.instrumentation.tomcat;

import net.bytebuddy.asm.Advice;
import org.apache.catalina.core.StandardEngine;

/** Woven into the constructor of {@code StandardEngine}, whose pipeline is still empty then. */
public final class NewEngineAdvice {
  private NewEngineAdvice() {}

  /** Not suppressed: an engine without the valve would serve requests unauthorised. */
  @Advice.OnMethodExit(inline = false)
  public static void exit(@Advice.This StandardEngine engine) {
    engine.getPipeline().addValve(new MeshValve());
  }
}
