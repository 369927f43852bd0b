package dev.weft.agent.weaving;

import static net.bytebuddy.matcher.ElementMatchers.isSynthetic;
import static net.bytebuddy.matcher.ElementMatchers.isVirtual;
import static net.bytebuddy.matcher.ElementMatchers.not;

import java.util.List;
import net.bytebuddy.ClassFileVersion;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.TypeInitializer;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.auxiliary.AuxiliaryType;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/** What is to be done to one class. Immutable. */
abstract class Weaving {
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
    return write(type, pool, bytes, new AsmVisitorWrapper.Compound(visitors(type, pool, locator)));
  }

  /**
   * Not by Byte Buddy's builders, which know what is asked of few classes, and load many to know
   * it. Never changes a class's shape, so that other agents can retransform after us.
   */
  private static byte[] write(
      TypeDescription type, TypePool pool, byte[] bytes, AsmVisitorWrapper visitors) {
    if (visitors.mergeReader(AsmVisitorWrapper.NO_FLAGS) != AsmVisitorWrapper.NO_FLAGS
        || visitors.mergeWriter(AsmVisitorWrapper.NO_FLAGS) != AsmVisitorWrapper.NO_FLAGS) {
      throw new IllegalStateException("a visitor asks for frames to be computed or expanded");
    }
    ClassReader reader = OpenedClassReader.of(bytes);
    // A writer that knows the reader copies the methods that nobody visits.
    ClassWriter writer = new ClassWriter(reader, AsmVisitorWrapper.NO_FLAGS);
    ClassFileVersion version = ClassFileVersion.ofClassFile(bytes);
    Implementation.Context context =
        Implementation.Context.Disabled.Factory.INSTANCE.make(
            type,
            new AuxiliaryType.NamingStrategy.SuffixingRandom("weft"), // of types that it refuses
            TypeInitializer.None.INSTANCE,
            version,
            version,
            version.isAtLeast(ClassFileVersion.JAVA_V6)
                ? Implementation.Context.FrameGeneration.GENERATE
                : Implementation.Context.FrameGeneration.DISABLED);
    ClassVisitor visitor =
        visitors.wrap(
            type,
            writer,
            context,
            pool,
            type.getDeclaredFields(),
            // Bridges only call what is woven.
            type.getDeclaredMethods().filter(not(isSynthetic().and(isVirtual()))),
            AsmVisitorWrapper.NO_FLAGS,
            AsmVisitorWrapper.NO_FLAGS);
    reader.accept(visitor, AsmVisitorWrapper.NO_FLAGS);
    return writer.toByteArray();
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
