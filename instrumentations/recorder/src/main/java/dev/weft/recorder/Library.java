package dev.weft.recorder;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.ClassNode;

/** The library that an adapter was compiled against, loaded but not initialised. */
final class Library {
  private static final List<String> JDK = List.of("java.", "javax.");

  private final ClassLoader loader;
  private final Adapter adapter;

  Library(ClassLoader loader, Adapter adapter) {
    this.loader = loader;
    this.adapter = adapter;
  }

  ClassLoader loader() {
    return loader;
  }

  /** Whether a class is the library's: neither ours nor one that every JDK has. */
  boolean has(String name) {
    return !name.startsWith("dev.weft.") && !ofEveryJdk(name);
  }

  boolean isOurs(String name) {
    return adapter.file(name) != null;
  }

  /** A class of ours; null: it is none. */
  @Nullable ClassNode ours(String name) {
    return adapter.file(name);
  }

  Class<?> load(String name) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The nearest supertypes of the library of one of our classes, in order. */
  List<String> supertypes(ClassNode node) {
    List<String> found = new ArrayList<>();
    collect(node, found);
    return found.stream().distinct().filter(this::has).sorted().toList();
  }

  /** A method that a class of ours with this method overrides in one of the types; else null. */
  @Nullable String overridden(List<String> types, String name, String descriptor) {
    for (String type : types) {
      if (overridable(load(type), name, descriptor)) {
        return type;
      }
    }
    return null;
  }

  /** Which of its supertypes that are not ours one of our classes has a member from; else null. */
  @Nullable String inherited(String ours, String name, String descriptor) {
    ClassNode node = adapter.file(ours);
    if (node == null) {
      return declares(load(ours), name, descriptor) ? ours : null;
    }
    if (node.methods.stream().anyMatch(each -> is(each.name, each.desc, name, descriptor))
        || node.fields.stream().anyMatch(each -> is(each.name, each.desc, name, descriptor))) {
      return null;
    }
    for (String type : direct(node)) {
      String found = inherited(type, name, descriptor);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  boolean isInterface(String name) {
    return load(name).isInterface();
  }

  private static boolean is(String name, String desc, String wanted, String descriptor) {
    return name.equals(wanted) && desc.equals(descriptor);
  }

  private static boolean declares(@Nullable Class<?> type, String name, String descriptor) {
    if (type == null || type == Object.class) {
      return false;
    }
    return Arrays.stream(type.getDeclaredMethods())
            .anyMatch(each -> is(each.getName(), Type.getMethodDescriptor(each), name, descriptor))
        || Arrays.stream(type.getDeclaredFields())
            .anyMatch(
                each -> is(each.getName(), Type.getDescriptor(each.getType()), name, descriptor))
        || declares(type.getSuperclass(), name, descriptor)
        || Arrays.stream(type.getInterfaces()).anyMatch(each -> declares(each, name, descriptor));
  }

  private static List<String> direct(ClassNode node) {
    List<String> direct = new ArrayList<>();
    if (node.superName != null) {
      direct.add(node.superName.replace('/', '.'));
    }
    node.interfaces.forEach(each -> direct.add(each.replace('/', '.')));
    return direct;
  }

  private void collect(ClassNode node, List<String> found) {
    for (String name : direct(node)) {
      ClassNode ours = adapter.file(name);
      if (ours == null) {
        found.add(name);
      } else {
        collect(ours, found);
      }
    }
  }

  private static boolean overridable(@Nullable Class<?> type, String name, String descriptor) {
    if (type == null || ofEveryJdk(type.getName())) {
      return false;
    }
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(name)
          && Type.getMethodDescriptor(method).equals(descriptor)
          && (method.getModifiers() & (Modifier.STATIC | Modifier.PRIVATE)) == 0) {
        return true;
      }
    }
    for (Class<?> each : type.getInterfaces()) {
      if (overridable(each, name, descriptor)) {
        return true;
      }
    }
    return overridable(type.getSuperclass(), name, descriptor);
  }

  private static boolean ofEveryJdk(String name) {
    return JDK.stream().anyMatch(name::startsWith)
        && ClassLoader.getPlatformClassLoader().getResource(name.replace('.', '/') + ".class")
            != null;
  }
}
