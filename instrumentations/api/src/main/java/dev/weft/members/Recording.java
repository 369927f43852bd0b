package dev.weft.members;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * What one hook needs of its library, in order. Immutable.
 *
 * @param hook the name of the instrumentation
 */
public record Recording(String hook, List<Need> needs) {
  /** Where a hook's recording lies in the agent. */
  public static String resource(String hook) {
    return "META-INF/weft/" + hook + ".members";
  }

  /** A recording of these needs; what is optional and needed is needed. */
  public static Recording of(String hook, Collection<Need> needs) {
    TreeSet<Need> sorted = new TreeSet<>(needs);
    sorted.removeIf(
        need ->
            need.optional() && sorted.contains(Need.of(need.kind(), need.owner(), need.member())));
    return new Recording(hook, List.copyOf(sorted));
  }

  /**
   * Reads the recording of a hook.
   *
   * @param loader the loader of the instrumentation
   * @throws IllegalStateException when the build has recorded nothing for it
   */
  public static Recording load(String hook, ClassLoader loader) {
    try (InputStream in = loader.getResourceAsStream(resource(hook))) {
      if (in == null) {
        throw new IllegalStateException("no recording of members for " + hook);
      }
      return parse(hook, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException when a line says nothing that we know
   */
  public static Recording parse(String hook, String text) {
    return new Recording(
        hook, text.lines().filter(line -> !line.startsWith("#")).map(Need::parse).toList());
  }

  /** The same for the same needs, on every machine. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("# What the hook ")
        .append(hook)
        .append(" needs, recorded from the adapter's classes by the build.\n");
    for (Need need : needs) {
      text.append(need).append('\n');
    }
    return text.toString();
  }

  /** Classes of the adapter that resolve what the library does not show, in order. */
  public List<String> starts() {
    return needs.stream().filter(need -> need.kind() == Need.Kind.START).map(Need::owner).toList();
  }
}
