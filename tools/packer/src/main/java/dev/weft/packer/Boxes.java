package dev.weft.packer;

import java.util.Map;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Code that makes a value of one type fit another: casts, boxes and what takes out of them. */
final class Boxes {
  private static final Type OBJECT = Type.getObjectType("java/lang/Object");
  private static final Map<Type, String> NAMES =
      Map.of(
          Type.BOOLEAN_TYPE, "java/lang/Boolean",
          Type.BYTE_TYPE, "java/lang/Byte",
          Type.CHAR_TYPE, "java/lang/Character",
          Type.SHORT_TYPE, "java/lang/Short",
          Type.INT_TYPE, "java/lang/Integer",
          Type.LONG_TYPE, "java/lang/Long",
          Type.FLOAT_TYPE, "java/lang/Float",
          Type.DOUBLE_TYPE, "java/lang/Double");

  private Boxes() {}

  /** Not of an object or array; void is one. */
  static boolean isPrimitive(Type type) {
    return type.getSort() < Type.ARRAY;
  }

  /** The class, with slashes, that holds a value of a primitive type. */
  static String of(Type primitive) {
    return NAMES.getOrDefault(primitive, "");
  }

  /** What is on the stack as one type becomes the other; as {@link Lambda} lets through. */
  static void convert(MethodVisitor code, Type from, Type to) {
    if (Boxes.isPrimitive(from) && !Boxes.isPrimitive(to)) {
      String box = of(from);
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          box,
          "valueOf",
          "(" + from.getDescriptor() + ")L" + box + ";",
          false);
      cast(code, Type.getObjectType(box), to);
    } else if (Boxes.isPrimitive(to) && !Boxes.isPrimitive(from)) {
      String box = of(to);
      cast(code, from, Type.getObjectType(box));
      code.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL,
          box,
          to.getClassName() + "Value",
          "()" + to.getDescriptor(),
          false);
    } else if (!Boxes.isPrimitive(to)) {
      cast(code, from, to);
    }
  }

  private static void cast(MethodVisitor code, Type from, Type to) {
    if (!to.equals(from) && !to.equals(OBJECT)) {
      code.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
    }
  }
}
