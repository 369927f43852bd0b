package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A name of the mesh is a host name like any other, to whatever asks for it. */
@OnEachJdk
class NamesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** JDK 18 and later ask this instead of the system. */
  private static final String RESOLVER =
      """
      import java.net.InetAddress;
      import java.net.UnknownHostException;
      import java.net.spi.InetAddressResolver;
      import java.net.spi.InetAddressResolverProvider;
      import java.util.stream.Stream;

      public final class OwnResolver extends InetAddressResolverProvider {
        public String name() {
          return "own";
        }

        public InetAddressResolver get(Configuration configuration) {
          InetAddressResolver system = configuration.builtinResolver();
          return new InetAddressResolver() {
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
                throws UnknownHostException {
              return host.equals("elsewhere.example")
                  ? Stream.of(InetAddress.getByAddress(host, new byte[] {10, 1, 2, 3}))
                  : system.lookupByName(host, policy);
            }

            public String lookupByAddress(byte[] address) throws UnknownHostException {
              return system.lookupByAddress(address);
            }
          };
        }
      }
      """;

  private final Jdk jdk;

  @TempDir private Path folder;

  NamesIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aNameResolvesAndLeadsToItsService() throws Exception {
    try (TestMesh mesh = TestMesh.start("names", jdk, Documents.strict("greet"));
        RefusingProxy proxy = RefusingProxy.open()) {
      Child greeter =
          mesh.serve(TestMesh.server("greet", "app.Greeter").with(Map.of("NAME", "serving")));
      TestMesh.eventually(
          () ->
              assertThat(mesh.local().api().get("/v1/services").findValues("address")).hasSize(1));
      Map<String, String> about =
          Map.of(
              "TARGET",
              Integer.toString(LocalMesh.address(greeter).getPort()),
              "PROXY",
              Integer.toString(proxy.port()),
              "WEFT_STARTUP_WAIT",
              "60s");

      List<Child> callers = new ArrayList<>();
      callers.add(
          mesh.local()
              .run(
                  jdk.feature() < 18
                      ? names("default", "46", about)
                      : names("resolver", "46", elsewhere(about), "-cp", withOwnResolver())));
      callers.add(
          mesh.local().run(names("ipv6", "64", about, "-Djava.net.preferIPv6Addresses=true")));
      callers.add(mesh.local().run(names("ipv4", "4", about, "-Djava.net.preferIPv4Stack=true")));
      for (Child caller : callers) {
        caller.awaitLine("done", PATIENCE);
        assertThat(caller.stdout())
            .as("what went wrong in %s", caller.name())
            .hasSizeGreaterThan(5)
            .allMatch(line -> line.endsWith(" ok") || line.equals("done"));
      }
      assertThat(proxy.asked())
          .hasSize(2 * callers.size())
          .containsOnly("socks greet:80", "CONNECT greet:80");
    }
  }

  private static Program names(
      String name, String families, Map<String, String> about, String... options) {
    List<String> arguments = new ArrayList<>(List.of("-cp", Built.programs()));
    arguments.addAll(List.of(options)); // a second class path replaces the first
    arguments.add("app.Names");
    Map<String, String> environment = new TreeMap<>(about);
    environment.put("FAMILIES", families);
    return Program.of("caller", arguments).named("caller-" + name).with(environment);
  }

  private static Map<String, String> elsewhere(Map<String, String> about) {
    Map<String, String> environment = new TreeMap<>(about);
    environment.put("ELSEWHERE", "10.1.2.3");
    return environment;
  }

  /** The programs' class path with a resolver of the application's own. */
  private String withOwnResolver() throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve("OwnResolver.java"), RESOLVER);
    Process compiler =
        new ProcessBuilder(
                jdk.home().resolve("bin/javac").toString(),
                "-d",
                folder.toString(),
                source.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).as("javac").isZero();
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("java.net.spi.InetAddressResolverProvider"), "OwnResolver\n");
    return Built.programs() + java.io.File.pathSeparator + folder;
  }
}
