package dev.weft.agent.weaving;

import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Where a socket tells its proxy whom to connect to: a virtual address, which means nothing to the
 * proxy, counts as an unresolved name there, so the proxy gets the name that the application asked
 * for.
 */
final class ProxyCalls implements AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper {
  private static final String ADDRESS = "java/net/InetSocketAddress";

  @Override
  public MethodVisitor wrap(
      TypeDescription type,
      MethodDescription method,
      MethodVisitor visitor,
      Implementation.Context context,
      TypePool pool,
      int writerFlags,
      int readerFlags) {
    return new MethodVisitor(OpenedClassReader.ASM_API, visitor) {
      @Override
      public void visitMethodInsn(
          int opcode, String owner, String name, String descriptor, boolean isInterface) {
        if (owner.equals(ADDRESS) && name.equals("isUnresolved")) {
          super.visitMethodInsn(
              Opcodes.INVOKESTATIC,
              "dev/weft/bootstrap/Wire",
              "isUnresolved",
              "(L" + ADDRESS + ";)Z",
              false);
        } else {
          super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }
      }
    };
  }
}
