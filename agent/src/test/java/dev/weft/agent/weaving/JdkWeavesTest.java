package dev.weft.agent.weaving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.weaving.ClassShape.Call;
import dev.weft.bootstrap.Wire;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The seam on the JDK that runs this test. */
class JdkWeavesTest {
  private static final String NET = "sun/nio/ch/Net";
  private static final String BRIDGE = "dev/weft/bootstrap/";
  private static final List<String> REDIRECTED =
      List.of("accept", "connect", "listen", "shutdown", "available", "sendOOB");
  private static final boolean NEWER =
      JdkWeaves.of(JdkClasses.RUNNING).containsKey("sun.nio.ch.UnixDispatcher");

  @TempDir Path folder;

  static Collection<String> types() {
    return JdkWeaves.of(JdkClasses.RUNNING).keySet();
  }

  @ParameterizedTest
  @MethodSource("types")
  void weavingKeepsTheShapeOfTheClass(String type) throws IOException {
    assertThat(ClassShape.of(woven(type)).members())
        .isEqualTo(ClassShape.of(original(type)).members());
  }

  @ParameterizedTest
  @MethodSource("types")
  void weavingReachesTheBridge(String type) throws IOException {
    assertThat(ClassShape.of(original(type)).calls()).noneMatch(JdkWeavesTest::intoBridge);
    assertThat(ClassShape.of(woven(type)).calls()).anyMatch(JdkWeavesTest::intoBridge);
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyCallIntoTheBridgeHasATarget(String type) throws Exception {
    for (Call call : ClassShape.of(woven(type)).calls()) {
      if (intoBridge(call)) {
        Class<?> owner = Class.forName(call.owner().replace('/', '.'), false, loader());
        assertThat(publicMethods(owner)).as("%s", call).contains(call.name() + call.descriptor());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void wovenCodeCallsTheAgentThroughItsGuardOnly(String type) throws IOException {
    assertThat(ClassShape.of(woven(type)).calls())
        .extracting(Call::owner)
        .doesNotContain(BRIDGE + "WireSession", BRIDGE + "WireHooks");
  }

  @ParameterizedTest(name = "{0}.{1} calls {2}")
  @CsvSource({
    "SocketDispatcher, read, read",
    "SocketDispatcher, readv, readv",
    "SocketDispatcher, write, write",
    "SocketDispatcher, writev, writev",
    "NioSocketImpl, park, park",
    "NioSocketImpl, accept, accept",
    "NioSocketImpl, timedAccept, accept",
    "NioSocketImpl, connect, connect",
    "NioSocketImpl, listen, listen",
    "NioSocketImpl, close, shutdown",
    "NioSocketImpl, shutdownInput, shutdown",
    "NioSocketImpl, shutdownOutput, shutdown",
    "NioSocketImpl, available, available",
    "NioSocketImpl, sendUrgentData, sendOOB",
    "SelChImpl, park, parkChannel",
    "SelectionKeyImpl, translateInterestOps, interest",
    "SocketChannelImpl, connect, connect",
    "SocketChannelImpl, blockingConnect, connect",
    "SocketChannelImpl, shutdownOutput, shutdown",
    "SocketChannelImpl, implCloseNonBlockingMode, shutdown",
    "SocketChannelImpl, beginWrite, beginWrite",
    "SocketChannelImpl, available, available",
    "SocketChannelImpl, sendOutOfBandData, sendOOB",
    "ServerSocketChannelImpl, implAccept, accept",
    "ServerSocketChannelImpl, netBind, listen",
    "UnixAsynchronousSocketChannelImpl, implConnect, connect",
    "UnixAsynchronousSocketChannelImpl, updateEvents, poll",
    "UnixAsynchronousSocketChannelImpl, onEvent, found",
    "UnixAsynchronousSocketChannelImpl, finishConnect, checkConnect",
    "AsynchronousSocketChannelImpl, shutdownInput, shutdown",
    "AsynchronousSocketChannelImpl, shutdownOutput, shutdown",
    "AsynchronousServerSocketChannelImpl, bind, listen",
    "UnixAsynchronousServerSocketChannelImpl, implAccept, accept",
    "UnixAsynchronousServerSocketChannelImpl, onEvent, accept",
    "EPollSelectorImpl, doSelect, beforeSelect",
    "EPollSelectorImpl, doSelect, afterSelect",
    "EPollSelectorImpl, wakeup, wakeup",
    "PollSelectorImpl, wakeup, wakeup",
    "SelectorImpl, processReadyEvents, readyOps",
    "PollSelectorImpl, doSelect, beforeSelect",
    "PollSelectorImpl, doSelect, afterSelect"
  })
  void aPointOfTheSeamIsWoven(String type, String method, String target) throws IOException {
    assertThat(bridgeCalls("sun.nio.ch." + type, method)).contains(target);
  }

  @Test
  void closingIsWovenWhereverThisJdkDoesIt() throws IOException {
    String close = NEWER ? "sun.nio.ch.UnixDispatcher" : "sun.nio.ch.SocketDispatcher";
    // The one that hears of virtual threads too.
    String preClose = NEWER ? "sun.nio.ch.NativeDispatcher" : "sun.nio.ch.SocketDispatcher";

    assertThat(bridgeCalls(close, "close")).contains("close");
    assertThat(bridgeCalls(preClose, "preClose")).contains("preClose");
  }

  @Test
  void sendfileIsWoven() throws IOException {
    String method = NEWER ? "transferToDirect" : "transferToDirectly";

    assertThat(bridgeCalls("sun.nio.ch.FileChannelImpl", method)).contains("meshed");
  }

  @Test
  void onlyTheNameServiceItselfIsWovenOfAllItsOverloads() throws IOException {
    List<Call> calls =
        ClassShape.of(woven("java.net.InetAddress")).calls().stream()
            .filter(JdkWeavesTest::intoBridge)
            .toList();

    assertThat(calls).extracting(Call::name).contains("resolve", "name");
    assertThat(calls)
        .allMatch(
            call ->
                call.method()
                    .equals(
                        call.name().equals("resolve")
                            ? "getAllByName0"
                            : "getHostFromNameService"));
  }

  @ParameterizedTest
  @CsvSource({"SocksSocketImpl", "HttpConnectSocketImpl"})
  void aProxyIsAskedForNamesInsteadOfVirtualAddresses(String name) throws IOException {
    List<String> asked =
        ClassShape.of(original("java.net." + name)).calls().stream()
            .filter(call -> call.name().equals("isUnresolved"))
            .map(Call::method)
            .toList();

    assertThat(asked).contains("connect");
    assertThat(ClassShape.of(woven("java.net." + name)).calls())
        .filteredOn(call -> call.name().equals("isUnresolved"))
        .hasSameSizeAs(asked)
        .allMatch(call -> call.owner().equals(BRIDGE + "Wire"));
  }

  @ParameterizedTest
  @CsvSource({
    "NioSocketImpl",
    "SocketChannelImpl",
    "ServerSocketChannelImpl",
    "UnixAsynchronousSocketChannelImpl",
    "AsynchronousSocketChannelImpl",
    "UnixAsynchronousServerSocketChannelImpl",
    "AsynchronousServerSocketChannelImpl"
  })
  void everyConnectionCallIsRedirected(String name) throws IOException {
    String type = "sun.nio.ch." + name;
    List<Call> before = connectionCalls(original(type), NET);
    List<Call> after = connectionCalls(woven(type), NET);
    List<Call> redirected = connectionCalls(woven(type), BRIDGE + "Wire");

    assertThat(before).isNotEmpty();
    assertThat(after).allMatch(call -> call.method().equals("unixBind"));
    assertThat(redirected).hasSize(before.size() - after.size());
  }

  @Test
  void listeningOnAUnixDomainSocketOpensNoPort() throws IOException {
    assertThat(bridgeCalls("sun.nio.ch.ServerSocketChannelImpl", "unixBind")).isEmpty();
  }

  @Test
  void noOtherClassOfTheJdkMakesTcpConnections() throws IOException {
    try (Stream<Path> files =
        Files.list(
            java.nio.file.FileSystems.getFileSystem(java.net.URI.create("jrt:/"))
                .getPath("/modules/java.base/sun/nio/ch"))) {
      List<String> callers = new ArrayList<>();
      for (Path file : files.toList()) {
        String type = "sun.nio.ch." + file.getFileName().toString().replace(".class", "");
        if (!connectionCalls(Files.readAllBytes(file), NET).isEmpty()) {
          callers.add(type);
        }
      }
      assertThat(callers)
          .containsExactlyInAnyOrder(
              "sun.nio.ch.NioSocketImpl",
              "sun.nio.ch.SocketChannelImpl",
              "sun.nio.ch.ServerSocketChannelImpl",
              "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
              "sun.nio.ch.UnixAsynchronousServerSocketChannelImpl",
              "sun.nio.ch.AsynchronousSocketChannelImpl",
              "sun.nio.ch.AsynchronousServerSocketChannelImpl",
              "sun.nio.ch.DatagramChannelImpl",
              "sun.nio.ch.Net");
    }
  }

  @Test
  void aMethodThatIsMissingIsAnError() throws IOException {
    JdkWeaving weaving =
        new JdkWeaving(Map.of(ElementMatchers.named("absent"), WireAdvice.Read.class), List.of());
    byte[] original = original("sun.nio.ch.SocketDispatcher");

    assertThatThrownBy(() -> weaving.weave("sun.nio.ch.SocketDispatcher", null, original))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("sun.nio.ch.SocketDispatcher has no method")
        .hasMessageContaining("Read");
  }

  /** The hooks run concurrently once they have begun: only before is before all of them. */
  @Test
  void theFarewellComesBeforeAnyShutdownHookIsTaken() throws IOException {
    List<Call> calls =
        ClassShape.of(woven("java.lang.ApplicationShutdownHooks")).calls().stream()
            .filter(call -> call.method().equals("runHooks"))
            .toList();

    assertThat(calls.get(0)).isEqualTo(new Call("runHooks", BRIDGE + "Farewell", "say", "()V"));
    assertThat(calls).extracting(Call::name).contains("start", "join");
  }

  /** The JVM does not verify the JDK's classes unless it is told to. */
  @Test
  void theJvmVerifiesEveryWovenClass() throws Exception {
    for (String type : types()) {
      Path file = folder.resolve("woven").resolve(type.replace('.', '/') + ".class");
      Files.createDirectories(file.getParent());
      Files.write(file, woven(type));
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+BytecodeVerificationLocal",
                "-Xshare:off",
                "--patch-module",
                "java.base=" + folder.resolve("woven"),
                "-Xbootclasspath/a:" + location(Wire.class),
                "-cp",
                location(JdkWeavesTest.class),
                VerifyMain.class.getName()));
    command.addAll(types());
    Path output = folder.resolve("output");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.redirectOutput(output.toFile()).start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(Files.readString(output)).endsWith("verified " + types().size() + "\n");
    assertThat(process.exitValue()).isZero();
  }

  private static List<String> bridgeCalls(String type, String method) throws IOException {
    return ClassShape.of(woven(type)).calls().stream()
        .filter(call -> call.method().equals(method) && intoBridge(call))
        .map(Call::name)
        .toList();
  }

  private static List<Call> connectionCalls(byte[] classFile, String owner) {
    return ClassShape.of(classFile).calls().stream()
        .filter(call -> call.owner().equals(owner) && REDIRECTED.contains(call.name()))
        .toList();
  }

  private static boolean intoBridge(Call call) {
    return call.owner().startsWith(BRIDGE);
  }

  private static List<String> publicMethods(Class<?> type) {
    List<String> methods = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (Modifier.isPublic(method.getModifiers())) {
        methods.add(
            method.getName()
                + MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                    .toMethodDescriptorString());
      }
    }
    return methods;
  }

  private static ClassLoader loader() {
    return JdkWeavesTest.class.getClassLoader();
  }

  private static byte[] woven(String type) throws IOException {
    return JdkWeaves.of(JdkClasses.RUNNING).get(type).weave(type, null, original(type));
  }

  private static byte[] original(String type) throws IOException {
    return ClassFileLocator.ForClassLoader.ofBootLoader().locate(type).resolve();
  }

  private static String location(Class<?> type) throws java.net.URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
