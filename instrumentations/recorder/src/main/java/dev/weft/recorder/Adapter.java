package dev.weft.recorder;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.members.Need;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;

/** The classes of one module's adapters. Confined to one thread. */
final class Adapter {
  private static final String OPTIONAL = "Ldev/weft/instrumentation/OptionalMembers;";

  private final Path folder;
  private final Library library;
  private final Map<String, @Nullable ClassNode> read = new HashMap<>();

  /**
   * The classes of a folder.
   *
   * @param loader loads them, and the library that they were compiled against
   */
  Adapter(Path folder, ClassLoader loader) {
    this.folder = folder;
    this.library = new Library(loader, this);
  }

  /** What an instrumentation needs: all that its advice leads to. */
  Collection<Need> needs(Instrumentation instrumentation) {
    Set<String> advice = new LinkedHashSet<>();
    instrumentation
        .types()
        .forEach(type -> type.weaves().forEach(weave -> advice.add(weave.adviceClass())));
    Set<Need> needs = new TreeSet<>();
    Set<String> optional = new LinkedHashSet<>();
    Set<String> needed = follow(advice, Set.of(), optional, needs);
    Set<Need> ofOptional = new TreeSet<>();
    follow(optional, needed, new LinkedHashSet<>(), ofOptional);
    ofOptional.stream().map(Need::asOptional).forEach(needs::add);
    return needs;
  }

  /**
   * Collects from the given classes and from all that they name, but neither from the known ones
   * nor, on the way, from those that are optional.
   */
  private Set<String> follow(
      Set<String> from, Set<String> known, Set<String> optional, Set<Need> needs) {
    Set<String> seen = new LinkedHashSet<>();
    Deque<String> next = new ArrayDeque<>(from);
    while (!next.isEmpty()) {
      String name = next.remove();
      ClassNode node = known.contains(name) ? null : file(name);
      if (node == null) {
        continue;
      }
      if (isOptional(node) && !from.contains(name)) {
        optional.add(name);
      } else if (seen.add(name)) {
        Members members = new Members(node, library);
        needs.addAll(members.needs());
        next.addAll(members.ours());
      }
    }
    return seen;
  }

  /** A class of the adapter, by binary name; null: it is none of ours. */
  @Nullable ClassNode file(String name) {
    if (!read.containsKey(name)) {
      read.put(name, parse(folder.resolve(name.replace('.', '/') + ".class")));
    }
    return read.get(name);
  }

  private static @Nullable ClassNode parse(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      ClassNode node = new ClassNode();
      new ClassReader(Files.readAllBytes(file)).accept(node, 0);
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOptional(ClassNode node) {
    if (node.invisibleAnnotations == null) {
      return false;
    }
    for (AnnotationNode annotation : node.invisibleAnnotations) {
      if (annotation.desc.equals(OPTIONAL)) {
        return true;
      }
    }
    return false;
  }
}
