package dev.weft.instrumentation;

import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.field.FieldList;
import net.bytebuddy.description.method.MethodList;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * Lets woven code use {@code invokedynamic} in class files for Java 6, as Netty 4.1 and many old
 * libraries have them: they become class files for Java 7. Those have the stack maps that 7 demands
 * already. Older ones have none and cannot be woven. Stateless.
 */
public final class InvokeDynamicAllowed extends AsmVisitorWrapper.AbstractBase {
  private static final int MAJOR = 0xffff;

  @Override
  public ClassVisitor wrap(
      TypeDescription type,
      ClassVisitor next,
      Implementation.Context context,
      TypePool pool,
      FieldList<FieldDescription.InDefinedShape> fields,
      MethodList<?> methods,
      int writerFlags,
      int readerFlags) {
    return new ClassVisitor(OpenedClassReader.ASM_API, next) {
      @Override
      public void visit(
          int version,
          int access,
          String name,
          @Nullable String signature,
          @Nullable String superName,
          String @Nullable [] interfaces) {
        super.visit(allowing(version, name), access, name, signature, superName, interfaces);
      }
    };
  }

  private static int allowing(int version, String name) {
    if ((version & MAJOR) < Opcodes.V1_6) {
      throw new IllegalStateException(name + " was compiled for Java 5 or older");
    }
    return (version & MAJOR) == Opcodes.V1_6 ? Opcodes.V1_7 : version;
  }
}
