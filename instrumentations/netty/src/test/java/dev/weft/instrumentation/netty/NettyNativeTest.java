package dev.weft.instrumentation.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.Weaver;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whether a native transport is there, as libraries ask. Each story loads Netty anew, because a
 * class is woven when it is loaded. {@code weft.netty.version} says which Netty it is.
 */
class NettyNativeTest {
  private static final String EPOLL = "io.netty.channel.epoll.Epoll";
  private static final String SHADED = "io.grpc.netty.shaded." + EPOLL;
  private static final boolean HAS_IO_URING =
      System.getProperty("weft.netty.version", "").startsWith("4.2.");

  private final FakeTransportMesh mesh = new FakeTransportMesh();

  @BeforeEach
  void install() {
    Mesh.install(mesh);
  }

  @ParameterizedTest
  @ValueSource(strings = {EPOLL, SHADED})
  @EnabledOnOs(OS.LINUX)
  void withoutUsEpollIsAvailable(String transport) throws Throwable {
    try (URLClassLoader libraries = libraries()) {
      Class<?> type = libraries.loadClass(transport);

      assertThat(call(type, "isAvailable")).isEqualTo(true);
      assertThat(call(type, "unavailabilityCause")).isNull();
      assertThat(call(type, "ensureAvailability")).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EPOLL, SHADED})
  @EnabledOnOs(OS.LINUX)
  void wovenEpollSaysThatItIsNotAvailable(String transport) throws Throwable {
    try (Weaver weaver = Weaver.weave(new NettyNativeInstrumentation());
        URLClassLoader libraries = libraries()) {
      Class<?> type = libraries.loadClass(transport);
      assertThat(weaver.failures()).isEmpty();

      assertThat(call(type, "isAvailable")).isEqualTo(false);
      assertThat((Throwable) call(type, "unavailabilityCause"))
          .hasMessageContaining("Weft steers Netty to NIO")
          .hasMessageContaining(transport);
      assertThat(mesh.events).containsExactly("steered " + transport);
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EPOLL, SHADED})
  @EnabledOnOs(OS.LINUX)
  void whoDemandsEpollIsToldWhatToDo(String transport) throws Throwable {
    try (Weaver weaver = Weaver.weave(new NettyNativeInstrumentation());
        URLClassLoader libraries = libraries()) {
      Class<?> type = libraries.loadClass(transport);

      assertThatThrownBy(() -> call(type, "ensureAvailability"))
          .isInstanceOf(UnsatisfiedLinkError.class)
          .hasMessageContaining("Epoll.isAvailable()")
          .hasMessageContaining("NioServerSocketChannel")
          .hasMessageContaining("weft.instrumentation.netty-native=false");
      assertThat(mesh.events).containsExactly("refused " + transport);
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anEventLoopGroupThatIsConstructedWithoutAskingIsRefused() throws Throwable {
    try (Weaver weaver = Weaver.weave(new NettyNativeInstrumentation());
        URLClassLoader libraries = libraries()) {
      Class<?> group = libraries.loadClass("io.netty.channel.epoll.EpollEventLoopGroup");

      assertThatThrownBy(() -> construct(group))
          .isInstanceOf(UnsatisfiedLinkError.class)
          .hasMessageContaining("Weft steers Netty to NIO");
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void withoutUsAnEventLoopGroupIsConstructed() throws Throwable {
    try (URLClassLoader libraries = libraries()) {
      Object group = construct(libraries.loadClass("io.netty.channel.epoll.EpollEventLoopGroup"));

      group.getClass().getMethod("shutdownGracefully").invoke(group);
    }
  }

  @Test
  void aTransportOfAnotherSystemKeepsItsOwnReason() throws Throwable {
    String foreign = OS.current() == OS.MAC ? EPOLL : "io.netty.channel.kqueue.KQueue";
    try (Weaver weaver = Weaver.weave(new NettyNativeInstrumentation());
        URLClassLoader libraries = libraries()) {
      Class<?> type = libraries.loadClass(foreign);

      assertThat(call(type, "isAvailable")).isEqualTo(false);
      assertThat((Throwable) call(type, "unavailabilityCause"))
          .isNotNull()
          .extracting(Throwable::toString)
          .asString()
          .doesNotContain("Weft");
      assertThat(mesh.events).isEmpty();
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @Test
  void ioUringIsNotAvailableEither() throws Throwable {
    org.junit.jupiter.api.Assumptions.assumeTrue(HAS_IO_URING, "came with Netty 4.2");
    try (Weaver weaver = Weaver.weave(new NettyNativeInstrumentation());
        URLClassLoader libraries = libraries()) {
      Class<?> type = libraries.loadClass("io.netty.channel.uring.IoUring");

      assertThat(call(type, "isAvailable")).isEqualTo(false);
      assertThat(call(type, "unavailabilityCause")).isNotNull();
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @Test
  void classesOfOtherNamesAreLeftAlone() {
    var epoll = new NettyNativeInstrumentation().types().get(0);

    assertThat(epoll.matches(EPOLL)).isTrue();
    assertThat(epoll.matches(SHADED)).isTrue();
    assertThat(epoll.matches("my" + EPOLL)).isFalse();
    assertThat(epoll.matches(EPOLL + "Mode")).isFalse();
  }

  private static Object call(Class<?> type, String method) throws Throwable {
    try {
      return type.getMethod(method).invoke(null);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Object construct(Class<?> type) throws Throwable {
    try {
      return type.getConstructor(int.class).newInstance(1);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** The test's own class path, loaded anew. */
  private static URLClassLoader libraries() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry :
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
