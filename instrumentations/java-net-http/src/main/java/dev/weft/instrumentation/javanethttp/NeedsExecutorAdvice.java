package dev.weft.instrumentation.javanethttp;

import java.net.http.HttpResponse.BodySubscriber;
import net.bytebuddy.asm.Advice;

/**
 * Woven into {@code TrustedSubscriber.needsExecutor(subscriber)}, by which the client asks whether
 * {@code getBody()} may block. Of its own subscribers it knows that they do not; any other costs
 * each response a switch to another thread, and so would those that we wrap.
 */
public final class NeedsExecutorAdvice {
  private NeedsExecutorAdvice() {}

  /** The client looks at the subscriber within ours, whose answer is ours. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(0))
  public static BodySubscriber<?> enter(@Advice.Argument(0) BodySubscriber<?> subscriber) {
    return subscriber instanceof LimitedBody<?> limited ? limited.own() : subscriber;
  }
}
