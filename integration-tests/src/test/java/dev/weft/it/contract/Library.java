package dev.weft.it.contract;

import dev.weft.it.Built;
import java.io.File;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A client library, in one of its ways to be called. Immutable.
 *
 * @param name what people call it
 * @param program its class in the package {@code clients}
 * @param versions those that the stories run against
 * @param gaps stories that it cannot pass, by method
 */
record Library(String name, String program, List<Version> versions, Map<String, Gap> gaps) {
  /**
   * A version.
   *
   * @param name as published; {@code JDK}: it is a part of the JDK
   * @param folder below the target folder of {@code integration-tests/clients}, with its jars;
   *     empty: none
   */
  record Version(String name, String folder) {
    /** What the program needs to run. */
    String classPath() {
      String program = Built.clients().resolve("classes").toString();
      return folder.isEmpty()
          ? program
          : program + File.pathSeparator + Built.clients().resolve(folder) + File.separator + "*";
    }
  }

  /** One that comes with the JDK. */
  static Library of(String name, String program) {
    return new Library(name, program, List.of(new Version("JDK", "")), Map.of());
  }

  /** One with jars of its own, by the folders that the build has copied them to. */
  static Library of(String name, String program, Version... versions) {
    return new Library(name, program, List.of(versions), Map.of());
  }

  /**
   * Why the library cannot pass a story.
   *
   * @param versions which versions; empty: all
   */
  record Gap(String reason, Set<String> versions) {}

  /** The same without a story; of some versions only when they are named. */
  Library without(String story, String reason, String... of) {
    Map<String, Gap> more = new TreeMap<>(gaps);
    more.put(story, new Gap(reason, Set.of(of)));
    return new Library(name, program, versions, Map.copyOf(more));
  }

  /** The same without all the stories of an interface. */
  Library without(Class<?> stories, String reason) {
    Library without = this;
    for (Method story : stories.getDeclaredMethods()) {
      if (story.isAnnotationPresent(Test.class)) {
        without = without.without(story.getName(), reason);
      }
    }
    return without;
  }

  /** Why a version cannot pass a story. */
  Optional<String> gap(String story, Version version) {
    return Optional.ofNullable(gaps.get(story))
        .filter(gap -> gap.versions().isEmpty() || gap.versions().contains(version.name()))
        .map(Gap::reason);
  }
}
