package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import io.netty.channel.Channel;
import java.io.File;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JDK's TLS and BoringSSL, on every JDK, with each other and beside an application's own. */
class EnginesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final Map<String, String> DOCUMENTS =
      Map.of("mesh.yaml", Documents.STRICT_MACHINE);

  private static TestMesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = TestMesh.start("engines", Jdk.current(), DOCUMENTS);
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  @Test
  void eachSpeaksWithEachOnEveryJdk() throws Exception {
    Map<String, Child> all = new LinkedHashMap<>();
    for (Jdk jdk : Jdk.all().toList()) {
      for (String provider : List.of("openssl", "jsse")) {
        String name = provider + "-" + jdk.feature();
        Program both =
            TestMesh.server("both", "app.Both")
                .named(name)
                .with(Map.of("NAME", name, "WEFT_TLS_PROVIDER", provider));
        all.put(name, mesh.local().runOn(jdk.java(), both));
      }
    }
    for (Map.Entry<String, Child> caller : all.entrySet()) {
      caller.getValue().awaitLine("ready", PATIENCE);
      String provider = caller.getKey().substring(0, caller.getKey().indexOf('-'));
      assertThat(caller.getValue().stderr()).contains("mesh tls provider=" + provider);
      assertThat(caller.getValue().stderr()).doesNotContain("WARNING");
    }
    for (Child caller : all.values()) {
      for (Map.Entry<String, Child> server : all.entrySet()) {
        int port = LocalMesh.address(server.getValue()).getPort();
        // Again and again: the later connections are resumed.
        tell(caller, "call socket 127.0.0.1 " + port + " 4");
        TestMesh.eventually(
            () ->
                assertThat(caller.stdout())
                    .as("%s calls %s", caller.name(), server.getKey())
                    .anyMatch(line -> line.contains("{" + server.getKey() + "=4}")));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.weft.it.Jdk#all")
  void anApplicationsOwnBoringSslLivesBesideOurs(Jdk jdk, @TempDir Path temp) throws Exception {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "what the application brings is for x86-64");
    Program own =
        Program.of(
                "own",
                List.of("-Dio.netty.handler.ssl.noOpenSsl=false", "-cp", netty(), "app.OwnBoring"))
            .named("own-" + jdk.feature())
            .with(
                Map.of(
                    "WEFT_TLS_PROVIDER",
                    "openssl",
                    "KEY_STORE",
                    SelfSigned.keyStore(jdk, "own", temp.resolve("own.p12")).toString()));
    Child child = mesh.local().runOn(jdk.java(), own);

    child.awaitLine("done", PATIENCE);
    assertThat(child.stdout()).contains("heard a word").anyMatch(line -> line.startsWith("own "));
    assertThat(child.stderr()).contains("mesh tls provider=openssl");
    assertThat(child.awaitExit(PATIENCE)).isZero();
  }

  @Test
  void whereTheLibraryCannotBeUnpackedTheJdksTlsServes() throws Exception {
    Child both =
        mesh.local().run(nowhereToUnpack("nowhere-auto").with(Map.of("NAME", "nowhere-auto")));
    both.awaitLine("ready", PATIENCE);

    tell(both, "call socket 127.0.0.1 " + LocalMesh.address(both).getPort() + " 1");
    both.awaitLine("called socket {nowhere-auto=1}", PATIENCE);
    assertThat(both.stderr())
        .contains("mesh tls provider=jsse, BoringSSL cannot be loaded: cannot be unpacked");
  }

  @Test
  void whoWantsNothingButBoringSslIsToldAndDoesNotStart() throws Exception {
    Child both =
        mesh.expectComplaints(
            mesh.local()
                .run(
                    nowhereToUnpack("nowhere-openssl")
                        .with(Map.of("WEFT_TLS_PROVIDER", "openssl"))));

    assertThat(both.awaitExit(PATIENCE)).isEqualTo(1);
    assertThat(both.stderr())
        .contains("weft.tls.provider=openssl: BoringSSL cannot be loaded: cannot be unpacked")
        .contains("expected auto or jsse here");
  }

  private static Program nowhereToUnpack(String name) {
    return Program.of(
            "both",
            List.of("-Djava.io.tmpdir=/dev/null/nowhere", "-cp", Built.programs(), "app.Both"))
        .named(name);
  }

  private static void tell(Child child, String line) throws Exception {
    child.stdin().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    child.stdin().flush();
  }

  /** The programs of this module with Netty and tcnative of their own. */
  private static String netty() {
    return Stream.concat(
                Stream.of(Built.programs()),
                Stream.of(
                        Channel.class,
                        io.netty.buffer.ByteBuf.class,
                        io.netty.util.AsciiString.class,
                        io.netty.resolver.AddressResolver.class,
                        io.netty.handler.ssl.SslContext.class,
                        io.netty.handler.codec.ByteToMessageDecoder.class,
                        io.netty.channel.unix.Unix.class,
                        io.netty.internal.tcnative.SSL.class)
                    .map(type -> path(type.getProtectionDomain().getCodeSource())))
            .collect(Collectors.joining(File.pathSeparator))
        + File.pathSeparator
        + nativeLibrary();
  }

  private static String path(CodeSource source) {
    return new File(source.getLocation().getPath()).getPath();
  }

  private static String nativeLibrary() {
    String name = "META-INF/native/libnetty_tcnative_linux_x86_64.so";
    URL url = EnginesIT.class.getClassLoader().getResource(name);
    return url.getPath().replaceFirst("^file:", "").replaceFirst("!.*", "");
  }
}
