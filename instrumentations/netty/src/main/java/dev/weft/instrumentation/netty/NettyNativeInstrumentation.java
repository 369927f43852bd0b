package dev.weft.instrumentation.netty;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;
import java.util.stream.Stream;

/**
 * Netty's native transports, whose connections the wire layer cannot see: they say that they are
 * not available, and libraries that ask take NIO. Who demands one without asking is refused.
 */
public final class NettyNativeInstrumentation implements Instrumentation {
  @Override
  public String name() {
    return "netty-native";
  }

  @Override
  public List<TypeWeave> types() {
    List<Weave> weaves =
        List.of(
            new Weave(
                named("isAvailable").and(takesNoArguments()), IsAvailableAdvice.class.getName()),
            new Weave(
                named("unavailabilityCause").and(takesNoArguments()),
                UnavailabilityCauseAdvice.class.getName()),
            new Weave(
                named("ensureAvailability").and(takesNoArguments()),
                EnsureAvailabilityAdvice.class.getName()));
    return Stream.of(
            "io.netty.channel.epoll.Epoll",
            "io.netty.channel.kqueue.KQueue",
            "io.netty.channel.uring.IoUring",
            "io.netty.incubator.channel.uring.IOUring")
        .map(type -> new TypeWeave(type, TypeWeave.Copies.RELOCATED, weaves))
        .toList();
  }
}
