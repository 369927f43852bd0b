package dev.weft.server;

import dev.weft.server.cli.WeftCommand;
import java.util.logging.Level;
import java.util.logging.Logger;

/** {@code java -jar weft-server.jar COMMAND}. */
public final class Main {
  /** Held here, because java.util.logging forgets the level of a logger that nobody holds. */
  private static final Logger NETTY = Logger.getLogger("io.netty");

  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    // JDK 24 and newer warn about sun.misc.Unsafe; Netty reads this once, when it is loaded.
    System.setProperty("io.netty.noUnsafe", "true");
    NETTY.setLevel(Level.SEVERE);
    int code = WeftCommand.commandLine(arguments).execute(arguments);
    System.exit(code);
  }
}
