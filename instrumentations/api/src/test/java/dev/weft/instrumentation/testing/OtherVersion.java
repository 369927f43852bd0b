package dev.weft.instrumentation.testing;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.function.UnaryOperator;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.pool.TypePool;

/** A version of a library in which one class file is not as in the one at hand. */
public final class OtherVersion extends ClassLoader {
  private final String file;
  private final byte[] bytes;

  private OtherVersion(ClassLoader library, String file, byte[] bytes) {
    super(library);
    this.file = file;
    this.bytes = bytes;
  }

  /** A loader whose class file of a type is changed. */
  public static ClassLoader of(
      ClassLoader library, String type, UnaryOperator<DynamicType.Builder<?>> change) {
    ClassFileLocator classes =
        new ClassFileLocator.Compound(
            ClassFileLocator.ForClassLoader.of(library),
            ClassFileLocator.ForClassLoader.ofPlatformLoader());
    DynamicType.Builder<?> builder =
        new ByteBuddy()
            .with(TypeValidation.DISABLED)
            .redefine(TypePool.Default.of(classes).describe(type).resolve(), classes);
    return new OtherVersion(
        library, type.replace('.', '/') + ".class", change.apply(builder).make().getBytes());
  }

  @Override
  public InputStream getResourceAsStream(String name) {
    return name.equals(file) ? new ByteArrayInputStream(bytes) : super.getResourceAsStream(name);
  }
}
