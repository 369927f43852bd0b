package dev.weft.agent.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BypassesTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Set<String> off = new HashSet<>();
  private final Bypasses bypasses =
      new Bypasses(
          off::contains,
          () -> {},
          new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8)));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io/netty/channel/epoll/EpollServerSocketChannel",
        "io/grpc/netty/shaded/io/netty/channel/epoll/EpollSocketChannel",
        "io/netty/channel/kqueue/KQueueSocketChannel",
        "io/netty/channel/uring/IoUringServerSocketChannel",
        "io/netty/incubator/channel/uring/IOUringSocketChannel"
      })
  void aNativeChannelIsABypassWhereNothingSteersNetty(String channel) {
    off.add("netty-native");

    loading(channel);

    String name = channel.replace('/', '.');
    assertThat(bypasses.list()).singleElement().asString().contains("Netty").contains(name);
    assertThat(log()).contains("WARN bypass found").contains(name);
  }

  @Test
  void aNativeChannelIsNoneWhereNettyIsSteered() {
    loading("io/netty/channel/epoll/EpollServerSocketChannel");

    assertThat(bypasses.list()).isEmpty();
    assertThat(log()).isEmpty();
  }

  @Test
  void aNativeChannelIsABypassOnceSteeringHasFailed() {
    loading("io/netty/channel/epoll/EpollServerSocketChannel");

    off.add("netty-native");

    assertThat(bypasses.list()).hasSize(1);
  }

  @Test
  void aLibraryWithSocketsOfItsOwnIsSaidOnce() {
    loading("software/amazon/awssdk/crt/io/ClientBootstrap");
    loading("software/amazon/awssdk/crt/io/ClientBootstrap");

    assertThat(bypasses.list())
        .containsExactly("AWS Common Runtime (software.amazon.awssdk.crt.io.ClientBootstrap)");
    assertThat(log().lines()).hasSize(1);
  }

  @Test
  void anInheritedConnectionIsSaid() {
    loading("sun/nio/ch/InheritedChannel$InheritedSocketChannelImpl");

    assertThat(bypasses.list()).singleElement().asString().contains("inherited");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io/netty/channel/socket/nio/NioSocketChannel",
        "io/netty/channel/epoll/EpollDomainSocketChannel",
        "io/netty/channel/epoll/EpollSocketChannelConfig",
        "my/software/amazon/awssdk/crt/io/ClientBootstrap"
      })
  void otherClassesAreNone(String name) {
    off.add("netty-native");

    loading(name);

    assertThat(bypasses.list()).isEmpty();
  }

  /** See {@link KnownBypass#bySimpleName}. */
  @Test
  void nothingIsInitialisedWhileAClassIsLoaded() {
    assertThat(List.of(Bypasses.class, KnownBypass.class))
        .flatMap(type -> List.of(type.getDeclaredFields()))
        .filteredOn(field -> Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
        .isEmpty();
  }

  private void loading(String name) {
    bypasses.loading(name, name.substring(name.lastIndexOf('/') + 1));
  }

  private String log() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
