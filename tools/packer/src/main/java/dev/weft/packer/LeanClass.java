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
 * A class file without the names of local variables (JVMS 4.7.13 and 4.7.14), which only debuggers
 * read, but which the JVM reads and keeps for every class. Numbers of lines stay: stack traces have
 * them.
 */
final class LeanClass extends ClassVisitor {
  private static final int API = Opcodes.ASM9;

  /** Met an attribute of which nobody knows how it refers to the rest of the file. */
  private boolean unknown;

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
