package dev.weft.agent.config;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows the JVMs that are no application: the JDK's own tools and build launchers, which get the
 * agent by accident through {@code JAVA_TOOL_OPTIONS} and must not notice it. Stateless.
 */
public final class JvmTools {
  private static final Set<String> BUILD_LAUNCHERS =
      Set.of(
          "org.codehaus.plexus.classworlds.launcher.Launcher",
          "org.apache.maven.wrapper.MavenWrapperMain",
          "org.apache.tools.ant.launch.Launcher",
          "org.gradle.launcher.GradleMain",
          "org.gradle.launcher.daemon.bootstrap.GradleDaemon",
          "org.gradle.wrapper.GradleWrapperMain");

  /** Ours: the config server and its command line are not workloads of the mesh. */
  private static final String OWN_SERVER = "weft-server.jar";

  private JvmTools() {}

  /**
   * Whether this JVM is a tool and must be left alone.
   *
   * <p>A tool's launcher in the JDK's {@code bin} names its main class as {@code module/class}:
   * {@code jdk.jcmd/sun.tools.jcmd.JCmd -l}. One that {@code java -m} or a class path names looks
   * the same but for the module.
   *
   * @param sunJavaCommand the system property {@code sun.java.command}: main class, {@code
   *     module/class} or jar, then the arguments; null when the JVM was not started by a launcher
   *     (embedded), which is an application
   * @param jdkModuleMain the system property {@code jdk.module.main}, null without {@code -m}
   */
  public static boolean isTool(@Nullable String sunJavaCommand, @Nullable String jdkModuleMain) {
    String command = sunJavaCommand == null ? "" : sunJavaCommand.strip();
    int space = command.indexOf(' ');
    String main = space < 0 ? command : command.substring(0, space);
    String mainClass = main.substring(main.indexOf('/') + 1);
    if (mainClass.startsWith("com.sun.tools.javac.launcher.")) {
      return false; // java Hello.java: the compiler runs somebody's program
    }
    if (jdkModuleMain != null && ofJdk(jdkModuleMain)) {
      return true;
    }
    if (main.endsWith(".jar")) {
      return jar(main, "gradle-wrapper.jar") || jar(main, OWN_SERVER);
    }
    return mainClass.startsWith("jdk.")
        || mainClass.startsWith("sun.tools.")
        || mainClass.startsWith("com.sun.tools.")
        || mainClass.startsWith("sun.security.tools.")
        || mainClass.startsWith("sun.jvm.hotspot.")
        || mainClass.startsWith("sun.rmi.registry.")
        || mainClass.startsWith("sun.net.httpserver.simpleserver.")
        || BUILD_LAUNCHERS.contains(mainClass);
  }

  private static boolean ofJdk(String module) {
    return module.startsWith("jdk.") || module.startsWith("java.");
  }

  private static boolean jar(String main, String name) {
    return main.equals(name) || main.endsWith("/" + name) || main.endsWith("\\" + name);
  }
}
