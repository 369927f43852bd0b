package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HiddenMembers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/** What only newer versions of the classic client have. */
final class ClassicMembers {
  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  /** {@code ExecRuntime.execute} with a callback for interim responses. */
  static final @Nullable MethodHandle EXECUTE_INFORMED =
      MEMBERS.optionalMethod(
          "org.apache.hc.client5.http.classic.ExecRuntime",
          "execute",
          "(Ljava/lang/String;Lorg/apache/hc/core5/http/ClassicHttpRequest;"
              + "Lorg/apache/hc/core5/http/io/HttpResponseInformationCallback;"
              + "Lorg/apache/hc/client5/http/protocol/HttpClientContext;)"
              + "Lorg/apache/hc/core5/http/ClassicHttpResponse;");

  private ClassicMembers() {}
}
