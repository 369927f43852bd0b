package dev.weft.instrumentation.httpurlconnection;

import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClient.writeRequests(head, body, streaming)}: what goes over the wire is an
 * edited copy, so that edits of one attempt never reach the application or another attempt.
 */
public final class WriteRequestsAdvice {
  private WriteRequestsAdvice() {}

  /** Not suppressed: a header that policy demands must not be left out silently. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(
      @Advice.AssignReturned.ToArguments.ToArgument(value = 0, typing = Assigner.Typing.DYNAMIC))
  public static @Nullable Object enter(
      @Advice.This Object client, @Advice.Argument(0) Object head) {
    return HttpUrlConnectionAdapter.edited(client, head);
  }
}
