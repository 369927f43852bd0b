package dev.weft.agent.weaving;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import java.io.FileDescriptor;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.channels.CompletionHandler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * The seam's points in the JDK, as docs/architecture.md lists them. Where versions and platforms
 * differ, the JDK at hand decides. Each must be woven, or the agent does not start: a missing one
 * would be a hole.
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

  private static final String SOCKET_DISPATCHER = "sun.nio.ch.SocketDispatcher";

  private static final String NATIVE_DISPATCHER = "sun.nio.ch.NativeDispatcher";

  private static final String PRE_CLOSE = "preClose";

  /** Of 25 and of the newest updates of 17: it signals the threads itself. */
  private static final Class<?>[] PRE_CLOSE_SIGNALS = {
    FileDescriptor.class, long.class, long.class
  };

  /** Of 17 up to 17.0.19 at least: callers signal, in vain when the threads wait with us. */
  private static final Class<?>[] PRE_CLOSE_ONLY = {FileDescriptor.class};

  /** Linux has the first two, macOS the second and third, Windows the others. */
  private static final List<String> SELECTORS =
      List.of(
          "sun.nio.ch.EPollSelectorImpl",
          "sun.nio.ch.PollSelectorImpl",
          "sun.nio.ch.KQueueSelectorImpl",
          "sun.nio.ch.WEPollSelectorImpl",
          "sun.nio.ch.WindowsSelectorImpl");

  private final JdkClasses jdk;
  private final Map<String, JdkWeaving> weaves = new LinkedHashMap<>();

  private JdkWeaves(JdkClasses jdk) {
    this.jdk = jdk;
  }

  /**
   * Those of a JDK, by binary class name.
   *
   * @throws IllegalStateException when it is none that we know
   */
  static Map<String, JdkWeaving> of(JdkClasses jdk) {
    JdkWeaves all = new JdkWeaves(jdk);
    all.dispatchers();
    all.sockets();
    all.asynchronous();
    all.selectors();
    all.files();
    all.names();
    all.end();
    return all.weaves;
  }

  /** Reading, writing, closing. Which class declares what differs between 17, 25 and Windows. */
  private void dispatchers() {
    Map<ElementMatcher.Junction<MethodDescription>, Class<?>> dispatcher = new LinkedHashMap<>();
    dispatcher.put(io("read"), WireAdvice.Read.class);
    dispatcher.put(io("readv"), WireAdvice.ReadVector.class);
    dispatcher.put(io("write"), WireAdvice.Write.class);
    dispatcher.put(io("writev"), WireAdvice.WriteVector.class);
    ElementMatcher.Junction<MethodDescription> close =
        named("close").and(takesArguments(FileDescriptor.class));
    if (jdk.declares(SOCKET_DISPATCHER, "close", FileDescriptor.class)) {
      dispatcher.put(close, WireAdvice.Close.class);
    } else {
      weave("sun.nio.ch.UnixDispatcher", Map.of(close, WireAdvice.Close.class));
    }
    Class<?>[] shape = preCloseShape();
    ElementMatcher.Junction<MethodDescription> preClose =
        named(PRE_CLOSE).and(takesArguments(shape));
    if (jdk.declares(SOCKET_DISPATCHER, PRE_CLOSE, shape)) {
      dispatcher.put(preClose, WireAdvice.PreClose.class);
    } else {
      // On 25 not implPreClose: that is called for platform threads only, but virtual ones wait
      // with us too.
      weave(NATIVE_DISPATCHER, Map.of(preClose, WireAdvice.PreClose.class));
    }
    weave(SOCKET_DISPATCHER, dispatcher);
  }

  /**
   * JDKs between 17 and 25 have the older shape and virtual threads, for which they do not call it,
   * but which wait with us too. They do not get it, so they are refused.
   */
  private Class<?>[] preCloseShape() {
    boolean older =
        jdk.declares(NATIVE_DISPATCHER, PRE_CLOSE, PRE_CLOSE_ONLY)
            && !jdk.declares("java.lang.Thread", "isVirtual");
    return older ? PRE_CLOSE_ONLY : PRE_CLOSE_SIGNALS;
  }

  private void sockets() {
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
                named("translateReadyOps").and(takesArgument(0, int.class)),
                WireAdvice.Found.class,
                named("beginWrite").and(takesArguments(boolean.class)),
                WireAdvice.BeginWrite.class),
            CONNECTION_CALLS));
    weaves.put("sun.nio.ch.ServerSocketChannelImpl", new JdkWeaving(Map.of(), CONNECTION_CALLS));
  }

  private void selectors() {
    List<String> known = SELECTORS.stream().filter(jdk::present).toList();
    if (known.isEmpty()) {
      throw new IllegalStateException("this JDK has none of the selectors " + SELECTORS);
    }
    for (String selector : known) {
      weave(
          selector,
          Map.of(
              named("doSelect").and(takesArguments(Consumer.class, long.class)),
              WireAdvice.Select.class,
              named("wakeup").and(takesNoArguments()),
              WireAdvice.Wakeup.class));
    }
    // Not in the channels: they do not know for which of their keys they are asked.
    weave(
        "sun.nio.ch.SelectionKeyImpl",
        Map.of(named("translateInterestOps").and(takesNoArguments()), WireAdvice.Interest.class));
    weaves.put(
        "sun.nio.ch.SelectorImpl",
        new JdkWeaving(
            Map.of(named("processReadyEvents").and(takesArguments(3)), WireAdvice.Ready.class),
            List.of()));
  }

  private void files() {
    weaves.put(
        "sun.nio.ch.FileChannelImpl",
        new JdkWeaving(
            Map.of(
                named("transferToDirectly").or(named("transferToDirect")),
                WireAdvice.Transfer.class),
            List.of()));
  }

  private void names() {
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
  }

  /** Not part of the seam: a JDK without it drains nothing, and is no hole. */
  private void end() {
    if (jdk.declares("java.lang.ApplicationShutdownHooks", "runHooks")) {
      weave(
          "java.lang.ApplicationShutdownHooks",
          Map.of(named("runHooks").and(takesNoArguments()), FarewellAdvice.class));
    }
  }

  /**
   * Their superclasses shut down and listen. On Windows they read and write by overlapped calls of
   * the system, past the seam: there they may not take part, rather than go past.
   */
  private void asynchronous() {
    for (String type :
        List.of(
            "sun.nio.ch.AsynchronousSocketChannelImpl",
            "sun.nio.ch.AsynchronousServerSocketChannelImpl")) {
      weaves.put(type, new JdkWeaving(Map.of(), CONNECTION_CALLS));
    }
    if (jdk.present("sun.nio.ch.WindowsAsynchronousSocketChannelImpl")) {
      weave(
          "sun.nio.ch.WindowsAsynchronousSocketChannelImpl",
          Map.of(
              named("implConnect").and(takesArgument(0, SocketAddress.class)),
              WireAdvice.OverlappedConnect.class));
      weave(
          "sun.nio.ch.WindowsAsynchronousServerSocketChannelImpl",
          Map.of(
              named("implAccept").and(takesArgument(1, CompletionHandler.class)),
              WireAdvice.OverlappedAccept.class));
      return;
    }
    weaves.put(
        "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
        new JdkWeaving(
            Map.of(
                named("updateEvents").and(takesArguments(0)),
                WireAdvice.AsynchronousEvents.class,
                named("onEvent").and(takesArguments(int.class, boolean.class)),
                WireAdvice.AsynchronousFound.class),
            CONNECTION_CALLS));
    weaves.put(
        "sun.nio.ch.UnixAsynchronousServerSocketChannelImpl",
        new JdkWeaving(Map.of(), CONNECTION_CALLS));
  }

  private void weave(
      String type, Map<ElementMatcher.Junction<MethodDescription>, Class<?>> advice) {
    weaves.put(type, new JdkWeaving(advice, List.of()));
  }

  private static ElementMatcher.Junction<MethodDescription> io(String name) {
    return named(name).and(takesArguments(FileDescriptor.class, long.class, int.class));
  }
}
