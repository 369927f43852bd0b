package dev.weft.instrumentation.javanethttp;

import java.time.Duration;
import java.util.Optional;
import net.bytebuddy.asm.Advice;

/**
 * Woven into {@code MultiExchange.remainingConnectTimeout()}: connecting to an endpoint of the mesh
 * has a limit of its own, so that a silent endpoint costs little before another one is tried.
 */
public final class ConnectTimeoutAdvice {
  private ConnectTimeoutAdvice() {}

  /** The smaller of the application's limit and the mesh's. */
  @Advice.OnMethodExit(inline = false, suppress = Throwable.class)
  @Advice.AssignReturned.ToReturned
  public static Optional<Duration> exit(
      @Advice.FieldValue("currentreq") Object request,
      @Advice.Return Optional<Duration> application) {
    if (!(JdkClient.proxy(request) instanceof Destination ours)) {
      return application;
    }
    Duration mesh = ours.connectTimeout();
    return application.isPresent() && application.get().compareTo(mesh) <= 0
        ? application
        : Optional.of(mesh);
  }
}
