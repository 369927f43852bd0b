package dev.weft.server.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the state folder, for commands that work on it directly. */
final class StateOption {
  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = "${env:WEFT_SERVER_STATE:-" + ServerConnection.DEFAULT_STATE + "}",
      description = "The server's state folder (default: ${DEFAULT-VALUE}).")
  private Path state = Path.of(ServerConnection.DEFAULT_STATE);

  Path path() {
    return state;
  }
}
