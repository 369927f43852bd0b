package dev.weft.recorder;

import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.BasicValue;
import org.objectweb.asm.tree.analysis.SimpleVerifier;

/**
 * Which classes of the library a method passes where another type is asked for: as receiver,
 * argument, result or value of a field. The compiler has proven it for one version; in another the
 * class may not be of that type any more, and the JVM does not notice for interfaces.
 */
final class Passing extends SimpleVerifier {
  private static final Type OBJECT = Type.getType(Object.class);

  private final Library library;
  private final Set<Pair> pairs = new TreeSet<>();

  /** A class of the library, and what it is taken for. */
  record Pair(String given, String taken) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int byGiven = given.compareTo(other.given);
      return byGiven == 0 ? taken.compareTo(other.taken) : byGiven;
    }
  }

  Passing(ClassNode node, MethodNode method, Library library) {
    super(
        Opcodes.ASM9,
        Type.getObjectType(node.name),
        node.superName == null ? null : Type.getObjectType(node.superName),
        node.interfaces.stream().map(Type::getObjectType).toList(),
        (node.access & Opcodes.ACC_INTERFACE) != 0);
    this.library = library;
    setClassLoader(library.loader());
    try {
      new Analyzer<>(this).analyze(node.name, method);
    } catch (AnalyzerException e) {
      throw new IllegalStateException(node.name + "." + method.name, e);
    }
  }

  Set<Pair> pairs() {
    return pairs;
  }

  @Override
  protected boolean isSubTypeOf(BasicValue value, BasicValue expected) {
    if (library != null) { // not while the superclass is made
      passed(value.getType(), expected.getType());
    }
    return super.isSubTypeOf(value, expected);
  }

  private void passed(@Nullable Type value, @Nullable Type expected) {
    if (value == null
        || expected == null
        || value.getSort() != Type.OBJECT
        || expected.getSort() != Type.OBJECT
        || expected.equals(OBJECT)
        || value.equals(expected)
        || value.equals(NULL_TYPE)) {
      return;
    }
    String given = value.getClassName();
    String taken = expected.getClassName();
    ClassNode ours = library.ours(given);
    if (ours != null) {
      // One of ours is what its library's supertypes are.
      library.supertypes(ours).forEach(each -> add(each, taken));
    } else if (library.has(given)) {
      add(given, taken);
    }
  }

  private void add(String given, String taken) {
    if (!given.equals(taken)
        && !library.isOurs(taken)
        && library.load(Objects.requireNonNull(taken)).isAssignableFrom(library.load(given))) {
      pairs.add(new Pair(given, taken));
    }
  }
}
