package dev.weft.members;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * The classes that a library's class loader sees, by their class files: each is read once, none is
 * loaded. Confined to one check.
 */
public final class LibraryClasses {
  private final ClassFiles files;
  private final Map<String, @Nullable ClassFile> read = new HashMap<>();
  private final Map<List<String>, Set<String>> supertypes = new HashMap<>();

  /** Where class files are. */
  @FunctionalInterface
  public interface ClassFiles {
    /** The class file of a class, by binary name; null: there is none. */
    byte @Nullable [] bytes(String className);
  }

  /** Reads the class files when they are asked for. */
  public LibraryClasses(ClassFiles files) {
    this.files = files;
  }

  /** How many class files were read. */
  public int filesRead() {
    return read.size();
  }

  /** Whether there is such a class. */
  public boolean has(String className) {
    return file(className) != null;
  }

  /** What a class file says; null: there is no such class. */
  @Nullable ClassFile file(String className) {
    if (!read.containsKey(className)) {
      byte[] bytes = files.bytes(className);
      read.put(className, bytes == null ? null : ClassFile.parse(bytes));
    }
    return read.get(className);
  }

  boolean isSubtype(String className, String supertype) {
    return supertypes(List.of(className)).contains(supertype);
  }

  /** Flags of the method that a call of it means, in the order of JVMS 5.4.3.3; null: none. */
  @Nullable Integer method(String owner, String member) {
    return member.startsWith("<")
        ? declared(owner, file -> file.method(member))
        : first(owner, file -> file.method(member));
  }

  /** Flags of the field that is meant, in the order of JVMS 5.4.3.2 as far as it matters. */
  @Nullable Integer field(String owner, String member) {
    return first(owner, file -> file.field(member));
  }

  /** The methods that wait for an implementation in these classes and their supertypes. */
  List<Declared> unimplemented(List<String> classNames) {
    Map<String, Declared> found = new HashMap<>();
    for (String type : supertypes(classNames)) {
      ClassFile file = file(type);
      if (file == null) {
        continue;
      }
      boolean inInterface = file.isInterface();
      file.eachMethod(
          (member, flags) -> {
            if ((flags & (Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE)) == 0) {
              Declared declared = new Declared(type, member, flags, inInterface);
              found.merge(member, declared, Declared::or);
            }
          });
    }
    return found.values().stream().filter(Declared::isAbstract).toList();
  }

  /** A method of a class or interface. */
  record Declared(String owner, String member, int flags, boolean inInterface) {
    boolean isAbstract() {
      return (flags & Opcodes.ACC_ABSTRACT) != 0;
    }

    /** Which of two counts: the first, but a default method stands in for an abstract one. */
    Declared or(Declared later) {
      return inInterface && isAbstract() && !later.isAbstract() ? later : this;
    }
  }

  private @Nullable Integer declared(String owner, Function<ClassFile, @Nullable Integer> member) {
    ClassFile file = file(owner);
    return file == null ? null : member.apply(file);
  }

  private @Nullable Integer first(String owner, Function<ClassFile, @Nullable Integer> member) {
    Integer own = declared(owner, member);
    if (own != null) {
      return own; // as a rule, and then its supertypes need not be read
    }
    for (String type : supertypes(List.of(owner))) {
      Integer flags = declared(type, member);
      if (flags != null) {
        return flags;
      }
    }
    return null;
  }

  /** Themselves with all their superclasses, then all interfaces, the most derived first. */
  private Set<String> supertypes(List<String> classNames) {
    return supertypes.computeIfAbsent(classNames, this::collect);
  }

  private Set<String> collect(List<String> classNames) {
    Set<String> all = new LinkedHashSet<>();
    Deque<String> interfaces = new ArrayDeque<>();
    for (String each : classNames) {
      String type = each;
      while (type != null && all.add(type)) {
        ClassFile file = file(type);
        if (file != null) {
          interfaces.addAll(file.interfaces());
        }
        type = file == null ? null : file.superclass();
      }
    }
    while (!interfaces.isEmpty()) {
      String type = interfaces.remove();
      if (all.add(type)) {
        ClassFile file = file(type);
        if (file != null) {
          interfaces.addAll(file.interfaces());
        }
      }
    }
    return all;
  }
}
