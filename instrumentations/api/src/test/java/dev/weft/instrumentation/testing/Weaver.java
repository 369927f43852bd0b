package dev.weft.instrumentation.testing;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.InvokeDynamicAllowed;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import dev.weft.members.LibraryClasses;
import dev.weft.members.MembersCheck;
import dev.weft.members.Recording;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.UnmodifiableClassException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.InstrumentedType;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.pool.TypePool;

/**
 * Weaves one instrumentation into the running JVM, as the agent does, and takes it out on close.
 */
public final class Weaver implements AutoCloseable {
  private static final Method LINK = bootLinker();

  private final java.lang.instrument.Instrumentation jvm = ByteBuddyAgent.install();
  private final List<TypeWeave> types;
  private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
  private final ClassFileTransformer transformer = new Transformer();
  private final ClassLoader library;

  private Weaver(Instrumentation instrumentation, ClassLoader library) throws Exception {
    this.library = library;
    types = instrumentation.types();
    Module adapters = instrumentation.getClass().getModule();
    for (Map.Entry<String, List<String>> opened : instrumentation.opens().entrySet()) {
      Map<String, Set<Module>> opens = new ConcurrentHashMap<>();
      opened.getValue().forEach(name -> opens.put(name, Set.of(adapters)));
      // A library on the class path is no module.
      ModuleLayer.boot()
          .findModule(opened.getKey())
          .ifPresent(
              module -> jvm.redefineModule(module, Set.of(), Map.of(), opens, Set.of(), Map.of()));
    }
    List<String> missing = missing(instrumentation, library);
    if (!missing.isEmpty()) {
      throw new IllegalStateException("the library does not fit: " + missing);
    }
    for (String start : recording(instrumentation).starts()) {
      Class.forName(start, true, instrumentation.getClass().getClassLoader());
    }
    jvm.addTransformer(transformer, true);
    retransform();
    if (!failures.isEmpty()) {
      throw new IllegalStateException("weaving failed", failures.values().iterator().next());
    }
  }

  /** Weaves until closed. */
  public static Weaver weave(Instrumentation instrumentation) throws Exception {
    return new Weaver(instrumentation, instrumentation.getClass().getClassLoader());
  }

  /** What could not be woven since, by class. */
  public Map<String, Throwable> failures() {
    return Map.copyOf(failures);
  }

  /** What this library lacks of that which the build has recorded. Empty: the hook fits. */
  public static List<String> missing(Instrumentation instrumentation, ClassLoader library) {
    ClassFileLocator locator = locator(library);
    return MembersCheck.missing(
        recording(instrumentation),
        new LibraryClasses(
            name -> {
              try {
                ClassFileLocator.Resolution found = locator.locate(name);
                return found.isResolved() ? found.resolve() : null;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }

  /** What the build has recorded of an instrumentation. */
  public static Recording recording(Instrumentation instrumentation) {
    return Recording.load(instrumentation.name(), instrumentation.getClass().getClassLoader());
  }

  /**
   * The weaves of an instrumentation that match no method of the library in this JVM, as {@code
   * type: advice}. Empty: the contract holds.
   */
  public static List<String> unmatched(Instrumentation instrumentation, ClassLoader library) {
    List<String> unmatched = new ArrayList<>();
    TypePool pool = TypePool.Default.of(locator(library));
    for (TypeWeave type : instrumentation.types()) {
      TypePool.Resolution resolution = pool.describe(type.type());
      for (Weave weave : type.weaves()) {
        boolean found =
            resolution.isResolved()
                && resolution.resolve().getDeclaredMethods().stream()
                    .anyMatch((MethodDescription method) -> weave.method().matches(method));
        if (!found) {
          unmatched.add(type.type() + ": " + weave.adviceClass());
        }
      }
    }
    return unmatched;
  }

  @Override
  public void close() throws Exception {
    jvm.removeTransformer(transformer);
    retransform();
  }

  /** What is not loaded yet is woven when it is. */
  private void retransform() throws UnmodifiableClassException {
    for (TypeWeave type : types) {
      if (type.copies() == TypeWeave.Copies.NONE) {
        try {
          Class.forName(type.type(), false, library);
        } catch (ClassNotFoundException e) {
          // Other versions of the library have it; a test asks {@link #unmatched} which it may
          // lack.
        }
      }
    }
    for (Class<?> loaded : jvm.getAllLoadedClasses()) {
      if (types.stream().anyMatch(type -> type.matches(loaded.getName()))) {
        jvm.retransformClasses(loaded);
      }
    }
  }

  private static ClassFileLocator locator(ClassLoader library) {
    return new ClassFileLocator.Compound(
        ClassFileLocator.ForClassLoader.of(library),
        ClassFileLocator.ForClassLoader.ofSystemLoader());
  }

  private static Method bootLinker() {
    try {
      Path jar = Files.createTempFile("boot-linker", ".jar");
      jar.toFile().deleteOnExit();
      // By name only: a class literal would load the copy of the test's own loader.
      String name = "dev.weft.instrumentation.testing.BootLinker";
      String entry = name.replace('.', '/') + ".class";
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
          InputStream in = Weaver.class.getClassLoader().getResourceAsStream(entry)) {
        out.putNextEntry(new JarEntry(entry));
        in.transferTo(out);
      }
      ByteBuddyAgent.install().appendToBootstrapClassLoaderSearch(new JarFile(jar.toFile()));
      Class<?> linker = Class.forName(name, true, null);
      linker.getField("adapters").set(null, Weaver.class.getClassLoader());
      for (Method method : linker.getMethods()) {
        if (method.getName().equals("link")) {
          return method;
        }
      }
      throw new IllegalStateException("no link method");
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Transformer implements ClassFileTransformer {
    @Override
    public byte[] transform(
        Module module,
        ClassLoader loader,
        String name,
        Class<?> loaded,
        ProtectionDomain domain,
        byte[] bytes) {
      String className = name == null ? "" : name.replace('/', '.');
      Optional<TypeWeave> weave =
          types.stream().filter(type -> type.matches(className)).findFirst();
      if (weave.isEmpty()) {
        return null;
      }
      try {
        return woven(className, weave.get(), loader, bytes);
      } catch (Throwable t) {
        failures.put(className, t);
        return null;
      }
    }

    private byte[] woven(String name, TypeWeave type, ClassLoader loader, byte[] bytes) {
      ClassFileLocator locator =
          new ClassFileLocator.Compound(
              ClassFileLocator.Simple.of(name, bytes),
              ClassFileLocator.ForClassLoader.of(loader),
              locator(library));
      TypeDescription described = TypePool.Default.of(locator).describe(name).resolve();
      DynamicType.Builder<?> builder =
          new ByteBuddy()
              .with(TypeValidation.DISABLED)
              .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
              .with(InstrumentedType.Factory.Default.FROZEN)
              .with(Implementation.Context.Disabled.Factory.INSTANCE)
              .redefine(described, locator);
      for (Weave weave : type.weaves()) {
        if (described.getDeclaredMethods().filter(weave.method()).isEmpty()) {
          throw new IllegalStateException(name + " has no method for " + weave.adviceClass());
        }
        TypeDescription advice =
            TypePool.Default.of(ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader()))
                .describe(weave.adviceClass())
                .resolve();
        builder =
            builder.visit(
                Advice.withCustomMapping()
                    .with(new Advice.AssignReturned.Factory())
                    .bootstrap(LINK)
                    .to(advice, ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader()))
                    .on(weave.method()));
      }
      return builder.visit(new InvokeDynamicAllowed()).make().getBytes();
    }
  }
}
