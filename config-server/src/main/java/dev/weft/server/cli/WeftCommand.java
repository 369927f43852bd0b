package dev.weft.server.cli;

import dev.weft.server.demo.Demo;
import dev.weft.server.protocol.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weft}: the root of all commands. A new command is one more class in its list. */
@Command(
    name = "weft",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "A service mesh inside the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ServerCommand.class,
      LintCommand.class,
      ExplainCommand.class,
      DiffCommand.class,
      TokenCommand.class,
      OperatorCommand.class,
      StatusCommand.class,
      CertsCommand.class,
      CheckCommand.class,
      Demo.class
    })
public final class WeftCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  /** The command line that will read these arguments. */
  public static CommandLine commandLine(String... arguments) {
    CommandLine line = new CommandLine(new WeftCommand());
    Objects.requireNonNull(line.getSubcommands().get("server"))
        .setDefaultValueProvider(new ServerDefaults(System.getenv(), arguments));
    line.registerConverter(Duration.class, Durations::parse);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          PrintWriter err = command.getErr();
          if (failure instanceof FileSystemException file) {
            err.println("weft: " + sentence(file));
          } else if (failure instanceof IOException || failure instanceof Refusal) {
            err.println("weft: " + failure.getMessage());
          } else {
            failure.printStackTrace(err);
          }
          err.flush();
          return CommandLine.ExitCode.SOFTWARE;
        });
    return line;
  }

  /** Their own message is often no more than the path. */
  private static String sentence(FileSystemException failure) {
    if (failure.getFile() == null) {
      return String.valueOf(failure.getMessage());
    }
    String reason = failure.getReason();
    if (reason == null) {
      if (failure instanceof NoSuchFileException) {
        reason = "there is no such file or folder, and it cannot be made";
      } else if (failure instanceof AccessDeniedException) {
        reason = "access is denied";
      } else if (failure instanceof FileAlreadyExistsException) {
        reason = "it exists already, as something else";
      } else {
        reason = "the file system refuses it";
      }
    }
    return "cannot use " + failure.getFile() + ": " + reason;
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    if (spec != null) {
      throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
    }
  }
}
