package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HiddenMembers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.jspecify.annotations.Nullable;

/** What only newer versions of the classic client have, or all without saying so. */
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

  private static final String RUNTIME =
      "org.apache.hc.client5.http.impl.classic.InternalExecRuntime";

  private static final @Nullable Class<?> INTERNAL = MEMBERS.optionalType(RUNTIME);

  /** The connection that the library's runtime has leased. */
  private static final @Nullable MethodHandle ENDPOINT =
      MEMBERS.optionalGetter(
          RUNTIME, "endpointRef", "Ljava/util/concurrent/atomic/AtomicReference;");

  private ClassicMembers() {}

  /** Whether a leased connection can be moved to this runtime. */
  static boolean movesEndpoints(ExecRuntime runtime) {
    return ENDPOINT != null && INTERNAL != null && INTERNAL.isInstance(runtime);
  }

  /** Moves a leased connection to a runtime that has none, as if that had leased it. */
  static void moveEndpoint(ExecRuntime from, ExecRuntime to) {
    endpoint(to).set(endpoint(from).getAndSet(null));
  }

  @SuppressWarnings("unchecked")
  private static AtomicReference<@Nullable ConnectionEndpoint> endpoint(ExecRuntime runtime) {
    MethodHandle getter = Objects.requireNonNull(ENDPOINT);
    return Newer.call(() -> (AtomicReference<@Nullable ConnectionEndpoint>) getter.invoke(runtime));
  }
}
