package dev.weft.agent.weaving;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * What a class file declares, and what it calls.
 *
 * @param members superclass, interfaces, fields and methods with modifiers and descriptors
 */
record ClassShape(Set<String> members, List<Call> calls) {
  /** Owner of what {@code invokedynamic} calls: a lambda, say. */
  static final String DYNAMIC = "invokedynamic";

  /** A call in {@code method}. */
  record Call(String method, String owner, String name, String descriptor) {}

  static ClassShape of(byte[] classFile) {
    Set<String> members = new TreeSet<>();
    List<Call> calls = new ArrayList<>();
    OpenedClassReader.of(classFile)
        .accept(
            new ClassVisitor(OpenedClassReader.ASM_API) {
              @Override
              public void visit(
                  int version,
                  int access,
                  String name,
                  String signature,
                  String superName,
                  String[] interfaces) {
                members.add("class " + access + name + superName + Arrays.toString(interfaces));
              }

              @Override
              public FieldVisitor visitField(
                  int access, String name, String descriptor, String signature, Object value) {
                members.add("field " + access + " " + name + " " + descriptor);
                return null;
              }

              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  String signature,
                  String[] exceptions) {
                members.add("method " + access + " " + name + descriptor);
                return new MethodVisitor(OpenedClassReader.ASM_API) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String called, String type, boolean isInterface) {
                    calls.add(new Call(name, owner, called, type));
                  }

                  @Override
                  public void visitInvokeDynamicInsn(
                      String called, String type, Handle linker, Object... arguments) {
                    calls.add(new Call(name, DYNAMIC, called, type));
                  }
                };
              }
            },
            ClassReader.SKIP_DEBUG);
    return new ClassShape(members, calls);
  }
}
