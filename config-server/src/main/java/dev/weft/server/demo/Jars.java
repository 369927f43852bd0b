package dev.weft.server.demo;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the build leaves behind, by its place under the root of the repository. Immutable.
 *
 * @param root the repository
 */
public record Jars(Path root) {
  /** The agent. */
  public Path agent() {
    return root.resolve("agent/target/weft-agent.jar");
  }

  /** The config server and the CLI. */
  public Path server() {
    return root.resolve("config-server/target/weft-server.jar");
  }

  /** The programs of the shop. */
  public Path shop() {
    return root.resolve("examples/shop/target/weft-example-shop.jar");
  }

  /** The class path of the shop's programs. */
  public String shopClassPath() {
    return shop()
        + File.pathSeparator
        + root.resolve("examples/shop/target/lib")
        + File.separator
        + "*";
  }

  /** The shop's policy documents. */
  public Path shopPolicy() {
    return root.resolve("examples/shop/policy");
  }

  /** What has not been built. */
  public List<Path> missing() {
    return Stream.of(agent(), server(), shop()).filter(jar -> !Files.exists(jar)).toList();
  }
}
