package dev.weft.instrumentation.reactornetty;

import net.bytebuddy.asm.Advice;
import reactor.core.CoreSubscriber;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientConfig;

/**
 * Woven into {@code MonoHttpConnect.subscribe(CoreSubscriber)}: a request to the mesh is taken over
 * whole, the body of the method runs once per attempt.
 */
public final class SubscribeAdvice {
  private SubscribeAdvice() {}

  /** May refuse or reroute, so nothing is suppressed. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static boolean enter(
      @Advice.FieldValue("config") HttpClientConfig config,
      @Advice.Argument(0) CoreSubscriber<? super Connection> subscriber) {
    return Subscribed.takeOver(config, subscriber);
  }
}
