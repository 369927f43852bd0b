package dev.weft.server.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JDK, and what every JVM of it is told. Immutable.
 *
 * @param home its folder
 * @param options options of the virtual machine, before those of a program
 * @param serverOptions further ones of the config server and of the CLI, which are one jar
 */
public record Java(Path home, List<String> options, List<String> serverOptions) {
  /** One that tells the config server nothing else. */
  public Java(Path home, List<String> options) {
    this(home, options, List.of());
  }

  /** {@code java} with its options and these arguments; it gets nothing of our own settings. */
  ProcessBuilder command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/java").toString());
    command.addAll(options);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // Settings of whoever runs this are not meant for the programs of the mesh.
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                name.equals("JAVA_TOOL_OPTIONS")
                    || name.startsWith("WEFT_")
                    || name.startsWith("OTEL_"));
    return builder;
  }
}
