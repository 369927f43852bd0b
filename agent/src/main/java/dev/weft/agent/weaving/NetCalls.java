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
  private static final String WIRE = "dev/weft/bootstrap/Wire";

  /** Listens on a Unix domain socket by the same call: that is not a port. */
  private static final String UNIX_BIND = "unixBind";

  /** Its caller is told too: a connect that is not over must know whom to tell. */
  private static final String CONNECT = "connect";

  private static final String ASYNCHRONOUS = "sun/nio/ch/UnixAsynchronousSocketChannelImpl";
  private static final String CHECK_CONNECT = "checkConnect";

  private final List<String> names;

  /** Sends the named calls. */
  NetCalls(List<String> names) {
    this.names = names;
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
        if (opcode != Opcodes.INVOKESTATIC || !ours(owner, name)) {
          super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        } else if (name.equals(CHECK_CONNECT)) {
          withCaller(opcode, "dev/weft/bootstrap/AsynchronousWire", name, descriptor);
        } else if (name.equals(CONNECT)) {
          withCaller(opcode, WIRE, name, descriptor);
        } else {
          super.visitMethodInsn(opcode, WIRE, name, descriptor, isInterface);
        }
      }

      private void withCaller(int opcode, String owner, String name, String descriptor) {
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitMethodInsn(
            opcode, owner, name, descriptor.replace(")", "Ljava/lang/Object;)"), false);
      }

      @Override
      public void visitMaxs(int maxStack, int maxLocals) {
        super.visitMaxs(maxStack + 1, maxLocals);
      }
    };
  }

  private boolean ours(String owner, String name) {
    return names.contains(name)
        && (owner.equals(NET) || (owner.equals(ASYNCHRONOUS) && name.equals(CHECK_CONNECT)));
  }
}
