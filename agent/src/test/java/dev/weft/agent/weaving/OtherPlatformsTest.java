package dev.weft.agent.weaving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The seam on platforms that no test machine has: by the names and signatures of their classes.
 * Nothing here says that it works there.
 */
class OtherPlatformsTest {
  private static final Map<String, OtherPlatform> PLATFORMS =
      Map.of("macOS", OtherPlatform.MACOS, "Windows", OtherPlatform.WINDOWS);

  static Stream<Arguments> standIns() {
    return PLATFORMS.values().stream()
        .flatMap(
            platform -> platform.standIns().stream().map(type -> Arguments.of(type, platform)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("standIns")
  void everyClassOfThePlatformIsWovenAndKeepsItsShape(String type, OtherPlatform platform) {
    JdkWeaving weaving = JdkWeaves.of(platform).get(type);
    assertThat(weaving).as("a weaving of %s", type).isNotNull();

    byte[] before = platform.classFile(type);
    byte[] after = weaving.weave(type, null, before);

    assertThat(ClassShape.of(after).members()).isEqualTo(ClassShape.of(before).members());
  }

  @ParameterizedTest(name = "{0}: {1}.{2} calls {3}")
  @CsvSource({
    "macOS, KQueueSelectorImpl, doSelect, beforeSelect",
    "macOS, KQueueSelectorImpl, doSelect, afterSelect",
    "macOS, KQueueSelectorImpl, wakeup, wakeup",
    "Windows, SocketDispatcher, read, read",
    "Windows, SocketDispatcher, readv, readv",
    "Windows, SocketDispatcher, write, write",
    "Windows, SocketDispatcher, writev, writev",
    "Windows, SocketDispatcher, close, close",
    "Windows, WEPollSelectorImpl, doSelect, beforeSelect",
    "Windows, WEPollSelectorImpl, doSelect, afterSelect",
    "Windows, WindowsSelectorImpl, doSelect, afterSelect",
    "Windows, WindowsAsynchronousSocketChannelImpl, implConnect, overlappedConnect",
    "Windows, WindowsAsynchronousServerSocketChannelImpl, implAccept, overlappedAccept"
  })
  void aPointOfTheSeamIsWoven(String name, String simple, String method, String target) {
    OtherPlatform platform = PLATFORMS.get(name);
    String type = "sun.nio.ch." + simple;
    byte[] woven = JdkWeaves.of(platform).get(type).weave(type, null, platform.classFile(type));

    assertThat(ClassShape.of(woven).calls())
        .filteredOn(call -> call.method().equals(method))
        .filteredOn(call -> call.owner().startsWith("dev/weft/bootstrap/"))
        .extracting(ClassShape.Call::name)
        .contains(target);
  }

  @Test
  void noPlatformIsAskedForClassesItLacks() {
    PLATFORMS.forEach(
        (name, platform) ->
            assertThat(JdkWeaves.of(platform).keySet()).as(name).allMatch(platform::present));
    assertThat(JdkWeaves.of(JdkClasses.RUNNING).keySet()).allMatch(JdkClasses.RUNNING::present);
  }

  @Test
  void theSharedPointsAreTheSameEverywhere() {
    Set<String> shared =
        JdkWeaves.of(JdkClasses.RUNNING).keySet().stream()
            .filter(type -> PLATFORMS.values().stream().allMatch(p -> p.present(type)))
            .collect(Collectors.toSet());

    assertThat(shared)
        .contains(
            "sun.nio.ch.NioSocketImpl",
            "sun.nio.ch.SocketChannelImpl",
            "sun.nio.ch.ServerSocketChannelImpl",
            "sun.nio.ch.FileChannelImpl",
            "java.net.InetAddress");
    PLATFORMS.forEach(
        (name, platform) ->
            assertThat(JdkWeaves.of(platform).keySet()).as(name).containsAll(shared));
  }

  @Test
  void threadsOfAnotherPlatformAreWokenByTheSharedDispatcher() {
    assertThat(JdkWeaves.of(OtherPlatform.WINDOWS)).containsKey("sun.nio.ch.NativeDispatcher");
  }

  static Stream<Arguments> updates() {
    return Stream.of(
        Arguments.of("SocketDispatcher", "(FileDescriptor)", OtherPlatform.LINUX_17_0_19),
        Arguments.of(
            "SocketDispatcher", "(FileDescriptor, long, long)", OtherPlatform.LINUX_17_0_21),
        Arguments.of("NativeDispatcher", "(FileDescriptor)", OtherPlatform.WINDOWS_17_0_19));
  }

  @ParameterizedTest(name = "{0}.preClose{1}")
  @MethodSource("updates")
  void preClosingIsWovenInTheShapeOfEachUpdateOf17(
      String declaring, String shape, OtherPlatform update) {
    String type = "sun.nio.ch." + declaring;
    byte[] before = update.classFile(type);
    byte[] after = JdkWeaves.of(update).get(type).weave(type, null, before);

    assertThat(ClassShape.of(after).members()).isEqualTo(ClassShape.of(before).members());
    assertThat(ClassShape.of(after).calls())
        .filteredOn(call -> call.method().equals("preClose"))
        .extracting(ClassShape.Call::owner, ClassShape.Call::name)
        .contains(tuple("dev/weft/bootstrap/Guard", "preClose"));
  }

  static Stream<OtherPlatform> strangers() {
    return Stream.of(OtherPlatform.LINUX_21, OtherPlatform.STRANGE_LINUX);
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void aPreClosingThatWouldMissThreadsIsRefused(OtherPlatform strange) {
    String type = "sun.nio.ch.NativeDispatcher";
    JdkWeaving weaving = JdkWeaves.of(strange).get(type);

    assertThatThrownBy(() -> weaving.weave(type, null, strange.classFile(type)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(type + " has no method")
        .hasMessageContaining("PreClose");
  }

  @Test
  void aJdkWithoutAKnownSelectorIsRefused() {
    JdkClasses strange =
        new JdkClasses() {
          @Override
          public boolean present(String type) {
            return !type.endsWith("SelectorImpl") && RUNNING.present(type);
          }

          @Override
          public boolean declares(String type, String method, Class<?>... parameters) {
            return RUNNING.declares(type, method, parameters);
          }
        };

    assertThatThrownBy(() -> JdkWeaves.of(strange))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("selectors");
    assertThat(List.copyOf(JdkWeaves.of(JdkClasses.RUNNING).keySet()))
        .contains("sun.nio.ch.EPollSelectorImpl", "sun.nio.ch.PollSelectorImpl");
  }
}
