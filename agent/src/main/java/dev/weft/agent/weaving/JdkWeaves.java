package dev.weft.agent.weaving;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import java.io.FileDescriptor;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * The seam's points in the JDK, as docs/architecture.md lists them. Where 17 and 25 differ, the
 * running JDK decides. Each must be woven, or the agent does not start: a missing one would be a
 * hole.
 */
final class JdkWeaves {
  private static final List<String> CONNECTION_CALLS =
      List.of(
          "accept",
          "connect",
          "pollConnectNow",
          "listen",
          "shutdown",
          "available",
          "sendOOB",
          "checkConnect");

  private JdkWeaves() {}

  /** By binary class name. */
  static Map<String, JdkWeaving> all() {
    Map<String, JdkWeaving> weaves = new LinkedHashMap<>();

    Map<ElementMatcher.Junction<MethodDescription>, Class<?>> dispatcher = new LinkedHashMap<>();
    dispatcher.put(io("read"), WireAdvice.Read.class);
    dispatcher.put(io("readv"), WireAdvice.ReadVector.class);
    dispatcher.put(io("write"), WireAdvice.Write.class);
    dispatcher.put(io("writev"), WireAdvice.WriteVector.class);
    ElementMatcher.Junction<MethodDescription> close =
        named("close").and(takesArguments(FileDescriptor.class));
    ElementMatcher.Junction<MethodDescription> preClose =
        named("preClose").and(takesArguments(FileDescriptor.class, long.class, long.class));
    if (present("sun.nio.ch.UnixDispatcher")) { // 25
      weaves.put(
          "sun.nio.ch.UnixDispatcher",
          new JdkWeaving(Map.of(close, WireAdvice.Close.class), List.of()));
      // Not implPreClose: that is called for platform threads only, but virtual ones wait with us
      // too.
      weaves.put(
          "sun.nio.ch.NativeDispatcher",
          new JdkWeaving(Map.of(preClose, WireAdvice.PreClose.class), List.of()));
    } else { // 17
      dispatcher.put(close, WireAdvice.Close.class);
      dispatcher.put(preClose, WireAdvice.PreClose.class);
    }
    weaves.put("sun.nio.ch.SocketDispatcher", new JdkWeaving(dispatcher, List.of()));

    weaves.put(
        "sun.nio.ch.NioSocketImpl",
        new JdkWeaving(
            Map.of(
                named("park").and(takesArguments(FileDescriptor.class, int.class, long.class)),
                WireAdvice.Park.class),
            CONNECTION_CALLS));
    weaves.put(
        "sun.nio.ch.SelChImpl",
        new JdkWeaving(
            Map.of(
                named("park").and(takesArguments(int.class, long.class)),
                WireAdvice.ParkChannel.class),
            List.of()));
    weaves.put(
        "sun.nio.ch.SocketChannelImpl",
        new JdkWeaving(
            Map.of(
                named("translateInterestOps").and(takesArguments(int.class)),
                WireAdvice.Interest.class,
                named("translateReadyOps").and(takesArgument(0, int.class)),
                WireAdvice.Found.class,
                named("beginWrite").and(takesArguments(boolean.class)),
                WireAdvice.BeginWrite.class),
            CONNECTION_CALLS));
    weaves.put("sun.nio.ch.ServerSocketChannelImpl", new JdkWeaving(Map.of(), CONNECTION_CALLS));
    asynchronous(weaves);

    for (String selector : List.of("sun.nio.ch.EPollSelectorImpl", "sun.nio.ch.PollSelectorImpl")) {
      weaves.put(
          selector,
          new JdkWeaving(
              Map.of(
                  named("doSelect").and(takesArguments(Consumer.class, long.class)),
                  WireAdvice.Select.class,
                  named("wakeup").and(takesNoArguments()),
                  WireAdvice.Wakeup.class),
              List.of()));
    }
    weaves.put(
        "sun.nio.ch.SelectorImpl",
        new JdkWeaving(
            Map.of(named("processReadyEvents").and(takesArguments(3)), WireAdvice.Ready.class),
            List.of()));

    weaves.put(
        "sun.nio.ch.FileChannelImpl",
        new JdkWeaving(
            Map.of(
                named("transferToDirectly").or(named("transferToDirect")),
                WireAdvice.Transfer.class),
            List.of()));
    weaves.put(
        "java.net.InetAddress",
        new JdkWeaving(
            Map.of(
                named("getAllByName0")
                    .and(takesArgument(0, String.class))
                    .and(not(isAbstract()))
                    .and(not(takesArguments(1))),
                WireAdvice.Resolve.class,
                named("getHostFromNameService").and(takesArgument(0, InetAddress.class)),
                WireAdvice.Name.class),
            List.of()));
    for (String proxied : List.of("java.net.SocksSocketImpl", "java.net.HttpConnectSocketImpl")) {
      weaves.put(proxied, JdkWeaving.proxy());
    }
    return weaves;
  }

  /** The superclasses shut down and listen. */
  private static void asynchronous(Map<String, JdkWeaving> weaves) {
    weaves.put(
        "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
        new JdkWeaving(
            Map.of(
                named("updateEvents").and(takesArguments(0)),
                WireAdvice.AsynchronousEvents.class,
                named("onEvent").and(takesArguments(int.class, boolean.class)),
                WireAdvice.AsynchronousFound.class),
            CONNECTION_CALLS));
    for (String type :
        List.of(
            "sun.nio.ch.AsynchronousSocketChannelImpl",
            "sun.nio.ch.UnixAsynchronousServerSocketChannelImpl",
            "sun.nio.ch.AsynchronousServerSocketChannelImpl")) {
      weaves.put(type, new JdkWeaving(Map.of(), CONNECTION_CALLS));
    }
  }

  private static ElementMatcher.Junction<MethodDescription> io(String name) {
    return named(name).and(takesArguments(FileDescriptor.class, long.class, int.class));
  }

  private static boolean present(String type) {
    try {
      Class.forName(type, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
