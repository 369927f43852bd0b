package dev.weft.packer;

import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Attribute;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A class file without what only debuggers and compilers read, but which the JVM keeps for every
 * class: names of local variables and parameters (JVMS 4.7.13, 4.7.14 and 4.7.24), and of the
 * entries about nested classes (4.7.6) those that are neither about the class itself nor about its
 * own members, of which reflection tells. Numbers of lines stay: stack traces have them.
 */
final class LeanClass extends ClassVisitor {
  private static final int API = Opcodes.ASM9;

  /** Met an attribute of which nobody knows how it refers to the rest of the file. */
  private boolean unknown;

  private String own = "";

  private LeanClass(ClassVisitor next) {
    super(API, next);
  }

  /** The same class, leaner; the file itself where that cannot be done safely. */
  static byte[] of(byte[] file) {
    ClassWriter writer = new ClassWriter(0);
    LeanClass lean = new LeanClass(writer);
    new ClassReader(file).accept(lean, 0);
    return lean.unknown ? file : writer.toByteArray();
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    own = name;
    super.visit(version, access, name, signature, superName, interfaces);
  }

  @Override
  public void visitInnerClass(
      String name, @Nullable String outer, @Nullable String simpleName, int access) {
    if (name.equals(own) || own.equals(outer)) {
      super.visitInnerClass(name, outer, simpleName, access);
    }
  }

  @Override
  public void visitAttribute(Attribute attribute) {
    unknown = true;
  }

  @Override
  public FieldVisitor visitField(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      @Nullable Object value) {
    return new FieldVisitor(API, super.visitField(access, name, descriptor, signature, value)) {
      @Override
      public void visitAttribute(Attribute attribute) {
        unknown = true;
      }
    };
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    return new MethodVisitor(
        API, super.visitMethod(access, name, descriptor, signature, exceptions)) {
      @Override
      public void visitParameter(@Nullable String parameter, int flags) {
        // left out
      }

      @Override
      public void visitLocalVariable(
          String variable,
          String type,
          @Nullable String generic,
          Label start,
          Label end,
          int index) {
        // left out
      }

      @Override
      public void visitAttribute(Attribute attribute) {
        unknown = true;
      }
    };
  }
}
