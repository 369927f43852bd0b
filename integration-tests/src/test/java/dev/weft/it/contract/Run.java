package dev.weft.it.contract;

import dev.weft.it.Jdk;
import java.io.IOException;

/** A library at a version on a JDK, and the world around it while its stories run. */
final class Run {
  private final Library library;
  private final Library.Version version;
  private final Jdk jdk;
  private final Results results;
  private World world;

  Run(Library library, Library.Version version, Jdk jdk) {
    this.library = library;
    this.version = version;
    this.jdk = jdk;
    this.results = new Results(this);
  }

  void start() throws IOException {
    world = World.start(this);
  }

  void stop() throws IOException {
    results.write();
    if (world != null) { // it may not have started
      world.close();
    }
  }

  World world() {
    return world;
  }

  Library library() {
    return library;
  }

  Library.Version version() {
    return version;
  }

  Jdk jdk() {
    return jdk;
  }

  Results results() {
    return results;
  }

  /** Its name as a file. */
  String file() {
    return toString().replaceAll("[^A-Za-z0-9.]+", "-");
  }

  @Override
  public String toString() {
    String which = version.folder().isEmpty() ? "" : " " + version.name();
    return library.name() + which + " on " + jdk;
  }
}
