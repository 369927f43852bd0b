package dev.weft.members;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * What a class file declares. Immutable.
 *
 * @param access its flags
 * @param superclass binary name; null: {@code Object} itself
 * @param interfaces binary names
 * @param methods flags by {@code name(descriptor)result}
 * @param fields flags by {@code name:descriptor}
 */
record ClassFile(
    int access,
    @Nullable String superclass,
    List<String> interfaces,
    Map<String, Integer> methods,
    Map<String, Integer> fields) {

  boolean isInterface() {
    return (access & Opcodes.ACC_INTERFACE) != 0;
  }

  static ClassFile parse(byte[] bytes) {
    Shape shape = new Shape();
    OpenedClassReader.of(bytes)
        .accept(shape, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return new ClassFile(
        shape.access, shape.superclass, shape.interfaces, shape.methods, shape.fields);
  }

  static String binary(String internalName) {
    return internalName.replace('/', '.');
  }

  private static final class Shape extends ClassVisitor {
    private int access;
    private @Nullable String superclass;
    private List<String> interfaces = List.of();
    private final Map<String, Integer> methods = new HashMap<>();
    private final Map<String, Integer> fields = new HashMap<>();

    Shape() {
      super(OpenedClassReader.ASM_API);
    }

    @Override
    public void visit(
        int version,
        int flags,
        String name,
        @Nullable String signature,
        @Nullable String superName,
        String @Nullable [] superInterfaces) {
      access = flags;
      superclass = superName == null ? null : binary(superName);
      interfaces =
          superInterfaces == null
              ? List.of()
              : List.of(superInterfaces).stream().map(ClassFile::binary).toList();
    }

    @Override
    public @Nullable FieldVisitor visitField(
        int flags,
        String name,
        String descriptor,
        @Nullable String signature,
        @Nullable Object value) {
      fields.put(name + ":" + descriptor, flags);
      return null;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int flags,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      methods.put(name + descriptor, flags);
      return null;
    }
  }
}
