package dev.weft.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table was recorded on JDK 17 and 25; the last test asks the tools of this JDK. */
class JvmToolsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "jdk.jartool/sun.tools.jar.Main --help | jdk.jartool",
        "jdk.jartool/sun.security.tools.jarsigner.Main --help | jdk.jartool",
        "jdk.compiler/com.sun.tools.javac.Main --help | jdk.compiler",
        "jdk.javadoc/jdk.javadoc.internal.tool.Main --help | jdk.javadoc",
        "jdk.jdeps/com.sun.tools.javap.Main --help | jdk.jdeps",
        "jdk.jcmd/sun.tools.jcmd.JCmd --help | jdk.jcmd",
        "jdk.jdi/com.sun.tools.example.debug.tty.TTY --help | jdk.jdi",
        "jdk.jfr/jdk.jfr.internal.tool.Main --help | jdk.jfr",
        "jdk.hotspot.agent/sun.jvm.hotspot.SALauncher --help | jdk.hotspot.agent",
        "jdk.jlink/jdk.tools.jlink.internal.Main --help | jdk.jlink",
        "jdk.jlink/jdk.tools.jimage.Main --help | jdk.jlink",
        "jdk.jpackage/jdk.jpackage.main.Main --help | jdk.jpackage",
        "jdk.jcmd/sun.tools.jps.Jps --help | jdk.jcmd",
        "jdk.jcmd/sun.tools.jstat.Jstat --help | jdk.jcmd",
        "java.scripting/com.sun.tools.script.shell.Main --help | java.scripting",
        "java.base/sun.security.tools.keytool.Main --help | java.base",
        "jdk.compiler/sun.tools.serialver.SerialVer --help | jdk.compiler",
        "jdk.jconsole/sun.tools.jconsole.JConsole | jdk.jconsole",
        "java.rmi/sun.rmi.registry.RegistryImpl | java.rmi",
        "jdk.jstatd/sun.tools.jstatd.Jstatd | jdk.jstatd",
        "jdk.jshell/jdk.internal.jshell.tool.JShellToolProvider -s | jdk.jshell",
        "jdk.jshell.execution.RemoteExecutionControl 37453 | -",
        "jdk.httpserver/sun.net.httpserver.simpleserver.JWebServer -h | jdk.httpserver",
        "jdk.httpserver | jdk.httpserver",
        "com.sun.tools.javac.Main A.java | -",
        "org.codehaus.plexus.classworlds.launcher.Launcher -version | -",
        "org.gradle.launcher.daemon.bootstrap.GradleDaemon 8.1 | -",
        "org.gradle.wrapper.GradleWrapperMain build | -",
        "/home/me/gradle/wrapper/gradle-wrapper.jar build | -",
        "config-server/target/weft-server.jar lint policy | -",
      })
  void leavesToolsAlone(String command, String module) {
    assertThat(JvmTools.isTool(command, module)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "com.example.Main --port 8080 | -",
        "app.jar --spring.profiles.active=dev | -",
        "lib/jdk.tools.jar | -",
        "H x | -",
        "shop/com.example.Main | shop",
        "jdk.compiler/com.sun.tools.javac.launcher.Main Hello.java | -",
        "jdk.compiler/com.sun.tools.javac.launcher.SourceLauncher Hello.java | -",
        "org.apache.catalina.startup.Bootstrap start | -",
        "com.example.Runner sun.tools.jps.Jps | -",
        "- | -",
      })
  void weavesApplications(String command, String module) {
    assertThat(JvmTools.isTool(command, module)).isFalse();
  }

  /** Writes what an agent sees when a tool starts, as the agent's premain would. */
  public static final class Probe {
    private Probe() {}

    /** Started by the JVM. */
    public static void premain(String out) throws IOException {
      String seen =
          System.getProperty("sun.java.command") + "\n" + System.getProperty("jdk.module.main");
      Files.writeString(Path.of(out), seen);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void recognisesEveryToolOfThisJdk(@TempDir Path folder) throws Exception {
    Path jar = probe(folder);
    List<String> tools =
        Stream.of(
                "keytool", "jcmd", "jps", "javac", "jar", "jlink", "javadoc", "jstat", "serialver")
            .filter(tool -> Files.isExecutable(jdk().resolve(tool)))
            .toList();

    assertThat(tools).contains("keytool");
    for (String tool : tools) {
      assertThat(isTool(folder, jar, tool, "-help")).as(tool).isTrue();
    }
    assertThat(isTool(folder, jar, "java", "-cp", jar.toString(), Idle.class.getName())).isFalse();
  }

  /** An application. */
  public static final class Idle {
    private Idle() {}

    /** Ends at once. */
    public static void main(String[] args) {}
  }

  private static boolean isTool(Path folder, Path jar, String... command) throws Exception {
    Path out = folder.resolve("seen");
    String[] whole = command.clone();
    whole[0] = jdk().resolve(command[0]).toString();
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("JAVA_TOOL_OPTIONS", "-javaagent:" + jar + "=" + out);
    Process process = builder.start();
    process.getOutputStream().close();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    List<String> seen = Files.readAllLines(out);
    Files.delete(out);
    return JvmTools.isTool(
        seen.get(0).equals("null") ? null : seen.get(0),
        seen.get(1).equals("null") ? null : seen.get(1));
  }

  private static Path jdk() {
    return Path.of(System.getProperty("java.home"), "bin");
  }

  private static Path probe(Path folder) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", Probe.class.getName());
    Path jar = folder.resolve("probe.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Class<?> type : List.of(Probe.class, Idle.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new java.util.zip.ZipEntry(name));
        try (var in = type.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(out);
        }
      }
    }
    return jar;
  }

  @Test
  void readingSettingsStartsNoLogging(@TempDir Path folder) throws Exception {
    Path config = Files.writeString(folder.resolve("weft.yaml"), "service: pay\n");
    ProcessBuilder builder =
        new ProcessBuilder(
            jdk().resolve("java").toString(),
            "-verbose:class",
            "-cp",
            System.getProperty("java.class.path"),
            ReadsSettings.class.getName(),
            config.toString());
    builder.redirectErrorStream(true);
    Process process = builder.start();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    process.getInputStream().transferTo(new PrintStream(out));
    String loaded = out.toString(StandardCharsets.UTF_8);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(loaded)
        .contains("dev.weft.agent.config.ConfigFile", "service=pay")
        .doesNotContain("java.util.logging.", "javax.management.", "java.lang.management.");
  }

  /** What premain does. */
  public static final class ReadsSettings {
    private ReadsSettings() {}

    /** Prints the service. */
    public static void main(String[] args) {
      Settings settings =
          SettingsReader.read(
              "config=" + args[0] + ",oops=1",
              java.util.Map.of(),
              System.getenv(),
              System.out::println);
      System.out.println("service=" + settings.service());
    }
  }
}
