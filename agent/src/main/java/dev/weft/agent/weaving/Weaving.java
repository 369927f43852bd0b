package dev.weft.agent.weaving;

import java.util.List;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.InstrumentedType;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/** What is to be done to one class. Immutable. */
abstract class Weaving {
  /** Never changes a class's shape, so that other agents can retransform after us. */
  private static final ByteBuddy BYTE_BUDDY =
      new ByteBuddy()
          .with(TypeValidation.DISABLED)
          .with(Implementation.Context.Disabled.Factory.INSTANCE)
          .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
          .with(InstrumentedType.Factory.Default.FROZEN);

  private final String hook;

  Weaving(String hook) {
    this.hook = hook;
  }

  /** Name of the hook, as {@code weft status} shows it. */
  final String hook() {
    return hook;
  }

  /** Whether the class's library has what the hook needs; the JDK's sockets must have it. */
  boolean fits(HookCheck check, HookCheck.Loading loading, byte[] bytes) {
    return true;
  }

  /** The visitors for this class, given where to find the class files of what it refers to. */
  abstract List<AsmVisitorWrapper> visitors(
      TypeDescription type, TypePool pool, ClassFileLocator locator);

  /**
   * The woven class file.
   *
   * @throws IllegalStateException when the class lacks a member that the hook needs
   */
  final byte[] weave(String name, @Nullable ClassLoader loader, byte[] bytes) {
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(name, bytes),
            loader == null
                ? ClassFileLocator.ForClassLoader.ofBootLoader()
                : ClassFileLocator.ForClassLoader.of(loader),
            ClassFileLocator.ForClassLoader.of(Weaving.class.getClassLoader()),
            ClassFileLocator.ForClassLoader.ofSystemLoader());
    TypePool pool =
        new TypePool.Default.WithLazyResolution(
            new TypePool.CacheProvider.Simple(), locator, TypePool.Default.ReaderMode.FAST);
    TypeDescription type = pool.describe(name).resolve();
    var builder = BYTE_BUDDY.decorate(type, locator);
    for (AsmVisitorWrapper visitor : visitors(type, pool, locator)) {
      builder = builder.visit(visitor);
    }
    return builder.make().getBytes();
  }

  /** A hook that matches nothing would be a silent hole. */
  static void require(
      TypeDescription type, ElementMatcher<? super MethodDescription> method, String advice) {
    if (type.getDeclaredMethods().filter(method).isEmpty()) {
      throw new IllegalStateException(
          type.getName() + " has no method " + method + " for " + advice);
    }
  }
}
