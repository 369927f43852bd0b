package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts processes in the midst of connections. {@code AGENT} is the jar of the agent for a child
 * that is a JVM. Prints {@code <story> ok} or what went wrong.
 */
public final class Children {
  private Children() {}

  /** Plays both stories. */
  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (ServerSocket listener = new ServerSocket(0, 5, loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      client.getOutputStream().write(1);
      server.getInputStream().read();

      String open = output(new ProcessBuilder("/bin/sh", "-c", "ls -l /proc/self/fd"));
      boolean inherited = open.contains("socket:") || open.contains("anon_inode");
      System.out.println("a child inherits no descriptor " + (inherited ? open : "ok"));

      ProcessBuilder java =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "app.FirstUse");
      java.environment().putAll(settings());
      String said = output(java);
      System.out.println("a JVM as a child " + (said.equals("done\n") ? "ok" : "said " + said));

      server.getOutputStream().write(2);
      System.out.println(
          "the parent's connection " + (client.getInputStream().read() == 2 ? "ok" : "broke"));
    }
    System.out.println("done");
    System.exit(0);
  }

  /** Our own settings as environment variables, and the agent as a tool option. */
  private static Map<String, String> settings() {
    Map<String, String> settings = new java.util.TreeMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("weft.")) {
        String variable = name.toUpperCase(java.util.Locale.ROOT).replace('.', '_');
        settings.put(variable, System.getProperty(name));
      }
    }
    settings.put("JAVA_TOOL_OPTIONS", "-javaagent:" + System.getenv("AGENT"));
    return settings;
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(builder.command());
    Process process =
        builder.command(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
