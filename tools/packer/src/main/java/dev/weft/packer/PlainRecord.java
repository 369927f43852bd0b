package dev.weft.packer;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * A record whose {@code equals} and {@code hashCode} are written out, with the same results: of
 * those that the compiler leaves to {@code java.lang.runtime.ObjectMethods} each takes the JVM
 * several classes when it is first called, perhaps inside an application's socket call.
 */
final class PlainRecord extends ClassVisitor {
  private static final int API = Opcodes.ASM9;
  private static final String OBJECTS = "java/util/Objects";

  private final String owner;
  private @Nullable List<Handle> compared;
  private @Nullable List<Handle> hashed;

  private PlainRecord(ClassVisitor next, String owner) {
    super(API, next);
    this.owner = owner;
  }

  /** The same class; the file itself where it is no record. */
  static byte[] of(byte[] file) {
    ClassReader reader = new ClassReader(file);
    if (!reader.getSuperName().equals("java/lang/Record")) {
      return file;
    }
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    reader.accept(new PlainRecord(writer, reader.getClassName()), 0);
    return writer.toByteArray();
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
      public void visitInvokeDynamicInsn(
          String method, String type, Handle bootstrap, Object... arguments) {
        boolean left = bootstrap.getOwner().equals("java/lang/runtime/ObjectMethods");
        if (left && method.equals("equals")) {
          compared = fields(arguments);
        } else if (left && method.equals("hashCode")) {
          hashed = fields(arguments);
        } else {
          super.visitInvokeDynamicInsn(method, type, bootstrap, arguments);
          return;
        }
        visitMethodInsn(Opcodes.INVOKESTATIC, owner, written(method), type, false);
      }
    };
  }

  /** Getters of the components, behind the record's type and their names. */
  private static List<Handle> fields(Object... arguments) {
    return List.of(arguments).subList(2, arguments.length).stream()
        .map(Handle.class::cast)
        .toList();
  }

  private static String written(String method) {
    return "plain$" + method;
  }

  @Override
  public void visitEnd() {
    if (compared != null) {
      writeEquals(compared);
    }
    if (hashed != null) {
      writeHashCode(hashed);
    }
    super.visitEnd();
  }

  private MethodVisitor begin(String method, String descriptor) {
    MethodVisitor code =
        super.visitMethod(
            Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC,
            written(method),
            descriptor,
            null,
            null);
    code.visitCode();
    return code;
  }

  private void writeEquals(List<Handle> fields) {
    MethodVisitor code = begin("equals", "(L" + owner + ";Ljava/lang/Object;)Z");
    Label differs = new Label();
    code.visitVarInsn(Opcodes.ALOAD, 1);
    code.visitTypeInsn(Opcodes.INSTANCEOF, owner);
    code.visitJumpInsn(Opcodes.IFEQ, differs);
    for (Handle field : fields) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      get(code, field);
      code.visitVarInsn(Opcodes.ALOAD, 1);
      code.visitTypeInsn(Opcodes.CHECKCAST, owner);
      get(code, field);
      jumpIfDifferent(code, Type.getType(field.getDesc()), differs);
    }
    code.visitInsn(Opcodes.ICONST_1);
    code.visitInsn(Opcodes.IRETURN);
    code.visitLabel(differs);
    code.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
    code.visitInsn(Opcodes.ICONST_0);
    code.visitInsn(Opcodes.IRETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void jumpIfDifferent(MethodVisitor code, Type type, Label differs) {
    if (Boxes.isPrimitive(type)) {
      // Also of floating point numbers: all that are not a number are the same.
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          Boxes.of(type),
          "compare",
          Type.getMethodDescriptor(Type.INT_TYPE, type, type),
          false);
      code.visitJumpInsn(Opcodes.IFNE, differs);
    } else {
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          OBJECTS,
          "equals",
          "(Ljava/lang/Object;Ljava/lang/Object;)Z",
          false);
      code.visitJumpInsn(Opcodes.IFEQ, differs);
    }
  }

  private void writeHashCode(List<Handle> fields) {
    MethodVisitor code = begin("hashCode", "(L" + owner + ";)I");
    code.visitInsn(Opcodes.ICONST_0);
    for (Handle field : fields) {
      Type type = Type.getType(field.getDesc());
      code.visitIntInsn(Opcodes.BIPUSH, 31);
      code.visitInsn(Opcodes.IMUL);
      code.visitVarInsn(Opcodes.ALOAD, 0);
      get(code, field);
      boolean primitive = Boxes.isPrimitive(type);
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          primitive ? Boxes.of(type) : OBJECTS,
          "hashCode",
          primitive ? Type.getMethodDescriptor(Type.INT_TYPE, type) : "(Ljava/lang/Object;)I",
          false);
      code.visitInsn(Opcodes.IADD);
    }
    code.visitInsn(Opcodes.IRETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void get(MethodVisitor code, Handle field) {
    code.visitFieldInsn(Opcodes.GETFIELD, field.getOwner(), field.getName(), field.getDesc());
  }
}
