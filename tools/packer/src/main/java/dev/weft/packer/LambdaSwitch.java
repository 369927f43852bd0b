package dev.weft.packer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * A class that is all lambdas of one functional interface in one package. An object of it has the
 * number of the lambda that it is, and what that captured, boxed; all final, as a lambda's captures
 * are.
 */
final class LambdaSwitch {
  private static final Type OBJECT = Type.getObjectType("java/lang/Object");
  private static final String NUMBER = "number";

  private final String owner;
  private final String type;
  private final String method;
  private final Type erased;
  private final List<Lambda> lambdas = new ArrayList<>();

  /** Types of captures, erased, by the descriptors of the methods that take them. */
  private final Map<String, List<Type>> factories = new TreeMap<>();

  /** An empty class for lambdas like the given one. */
  LambdaSwitch(String owner, Lambda like) {
    this.owner = owner;
    this.type = like.type();
    this.method = like.method();
    this.erased = like.erased();
  }

  /** Writes code that makes a lambda of what it captures, which is on the stack. */
  void add(Lambda lambda, MethodVisitor code) {
    if (!lambda.method().equals(method) || !lambda.erased().equals(erased)) {
      throw new IllegalArgumentException("expected " + method + erased + ", found " + lambda);
    }
    List<Type> captured =
        lambda.captured().stream().map(each -> Boxes.isPrimitive(each) ? each : OBJECT).toList();
    List<Type> taken = new ArrayList<>(captured);
    taken.add(Type.INT_TYPE);
    String factory = Type.getMethodDescriptor(Type.getObjectType(type), taken.toArray(new Type[0]));
    factories.put(factory, captured);
    code.visitLdcInsn(lambdas.size());
    code.visitMethodInsn(Opcodes.INVOKESTATIC, owner, "of", factory, false);
    lambdas.add(lambda);
  }

  /** The class file. */
  byte[] file() {
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(
        Opcodes.V17,
        Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
        owner,
        null,
        OBJECT.getInternalName(),
        new String[] {type});
    writeField(writer, NUMBER, Type.INT_TYPE);
    TreeSet<Integer> sizes = new TreeSet<>();
    factories.values().forEach(captured -> sizes.add(captured.size()));
    for (int i = 0; i < sizes.last(); i++) {
      writeField(writer, capture(i), OBJECT);
    }
    sizes.forEach(size -> writeConstructor(writer, size));
    factories.forEach((descriptor, captured) -> writeFactory(writer, descriptor, captured));
    writeMethod(writer);
    writer.visitEnd();
    return writer.toByteArray();
  }

  private static String capture(int index) {
    return "capture" + index;
  }

  private static void writeField(ClassWriter writer, String field, Type of) {
    writer
        .visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL, field, of.getDescriptor(), null, null)
        .visitEnd();
  }

  private static String constructor(int captures) {
    return "(I" + OBJECT.getDescriptor().repeat(captures) + ")V";
  }

  private void writeConstructor(ClassWriter writer, int captures) {
    MethodVisitor code =
        writer.visitMethod(Opcodes.ACC_PRIVATE, "<init>", constructor(captures), null, null);
    code.visitCode();
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, OBJECT.getInternalName(), "<init>", "()V", false);
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitVarInsn(Opcodes.ILOAD, 1);
    code.visitFieldInsn(Opcodes.PUTFIELD, owner, NUMBER, "I");
    for (int i = 0; i < captures; i++) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitVarInsn(Opcodes.ALOAD, 2 + i);
      code.visitFieldInsn(Opcodes.PUTFIELD, owner, capture(i), OBJECT.getDescriptor());
    }
    code.visitInsn(Opcodes.RETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private void writeFactory(ClassWriter writer, String descriptor, List<Type> captured) {
    MethodVisitor code = writer.visitMethod(Opcodes.ACC_STATIC, "of", descriptor, null, null);
    code.visitCode();
    code.visitTypeInsn(Opcodes.NEW, owner);
    code.visitInsn(Opcodes.DUP);
    code.visitVarInsn(Opcodes.ILOAD, captured.stream().mapToInt(Type::getSize).sum());
    int slot = 0;
    for (Type each : captured) {
      code.visitVarInsn(each.getOpcode(Opcodes.ILOAD), slot);
      Boxes.convert(code, each, OBJECT);
      slot += each.getSize();
    }
    code.visitMethodInsn(
        Opcodes.INVOKESPECIAL, owner, "<init>", constructor(captured.size()), false);
    code.visitInsn(Opcodes.ARETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private void writeMethod(ClassWriter writer) {
    MethodVisitor code =
        writer.visitMethod(Opcodes.ACC_PUBLIC, method, erased.getDescriptor(), null, null);
    code.visitCode();
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitFieldInsn(Opcodes.GETFIELD, owner, NUMBER, "I");
    Label[] labels = new Label[lambdas.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = new Label();
    }
    Label none = new Label();
    code.visitTableSwitchInsn(0, labels.length - 1, none, labels);
    for (int i = 0; i < labels.length; i++) {
      begin(code, labels[i]);
      writeCall(code, lambdas.get(i));
    }
    begin(code, none);
    code.visitTypeInsn(Opcodes.NEW, "java/lang/AssertionError");
    code.visitInsn(Opcodes.DUP);
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/AssertionError", "<init>", "()V", false);
    code.visitInsn(Opcodes.ATHROW);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  /** Of code that is jumped to with nothing but the parameters. */
  private static void begin(MethodVisitor code, Label label) {
    code.visitLabel(label);
    code.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
  }

  private void writeCall(MethodVisitor code, Lambda lambda) {
    Handle body = lambda.body();
    if (body.getTag() == Opcodes.H_NEWINVOKESPECIAL) {
      code.visitTypeInsn(Opcodes.NEW, body.getOwner());
      code.visitInsn(Opcodes.DUP);
    }
    writeArguments(code, lambda);
    code.visitMethodInsn(
        opcode(body), body.getOwner(), body.getName(), body.getDesc(), body.isInterface());
    Type wanted = erased.getReturnType();
    if (wanted.getSort() != Type.VOID) {
      Boxes.convert(code, lambda.given(), wanted);
    }
    code.visitInsn(wanted.getOpcode(Opcodes.IRETURN)); // what is left on the stack goes, too
  }

  private void writeArguments(MethodVisitor code, Lambda lambda) {
    List<Type> taken = lambda.taken();
    int captures = lambda.captured().size();
    for (int i = 0; i < captures; i++) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitFieldInsn(Opcodes.GETFIELD, owner, capture(i), OBJECT.getDescriptor());
      Boxes.convert(code, OBJECT, taken.get(i));
    }
    Type[] parameters = erased.getArgumentTypes();
    int slot = 1;
    for (int i = 0; i < parameters.length; i++) {
      code.visitVarInsn(parameters[i].getOpcode(Opcodes.ILOAD), slot);
      Boxes.convert(code, parameters[i], lambda.actual().get(i));
      Boxes.convert(code, lambda.actual().get(i), taken.get(captures + i));
      slot += parameters[i].getSize();
    }
  }

  private static int opcode(Handle body) {
    return switch (body.getTag()) {
      case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
      case Opcodes.H_INVOKEVIRTUAL -> Opcodes.INVOKEVIRTUAL;
      case Opcodes.H_INVOKEINTERFACE -> Opcodes.INVOKEINTERFACE;
      case Opcodes.H_NEWINVOKESPECIAL -> Opcodes.INVOKESPECIAL;
      default -> throw new IllegalArgumentException("expected a method, found " + body);
    };
  }
}
