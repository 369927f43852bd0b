package dev.weft.agent.weaving;

import java.util.List;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Sends static calls of {@code sun.nio.ch.Net} to the method of the same name and descriptor in
 * {@code dev.weft.bootstrap.Wire}. Those methods are native, so they cannot be woven themselves;
 * and datagram channels call the same ones, so they must not be.
 */
final class NetCalls implements AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper {
  private static final String NET = "sun/nio/ch/Net";

  /** Listens on a Unix domain socket by the same call: that is not a port. */
  private static final String UNIX_BIND = "unixBind";

  /** Its caller is told too: a connect that is not over must know whom to tell. */
  private static final String CONNECT = "connect";

  private final List<String> names;
  private final String target;

  /** Sends the named calls to {@code target}, an internal class name. */
  NetCalls(List<String> names, String target) {
    this.names = names;
    this.target = target;
  }

  @Override
  public MethodVisitor wrap(
      TypeDescription type,
      MethodDescription method,
      MethodVisitor visitor,
      Implementation.Context context,
      TypePool pool,
      int writerFlags,
      int readerFlags) {
    if (method.getName().equals(UNIX_BIND)) {
      return visitor;
    }
    return new MethodVisitor(OpenedClassReader.ASM_API, visitor) {
      @Override
      public void visitMethodInsn(
          int opcode, String owner, String name, String descriptor, boolean isInterface) {
        boolean ours = opcode == Opcodes.INVOKESTATIC && owner.equals(NET) && names.contains(name);
        if (ours && name.equals(CONNECT)) {
          super.visitVarInsn(Opcodes.ALOAD, 0);
          super.visitMethodInsn(opcode, target, name, withCaller(descriptor), isInterface);
        } else {
          super.visitMethodInsn(opcode, ours ? target : owner, name, descriptor, isInterface);
        }
      }

      @Override
      public void visitMaxs(int maxStack, int maxLocals) {
        super.visitMaxs(maxStack + 1, maxLocals);
      }
    };
  }

  private static String withCaller(String descriptor) {
    return descriptor.replace(")", "Ljava/lang/Object;)");
  }
}
