package dev.weft.packer;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * The lambda expressions of one package, folded: those of one functional interface become one
 * class, whose method switches between them. For each the JVM would make a class of its own when it
 * first meets it, which takes as long as loading a class and keeps as much metaspace. The price is
 * a switch when one is called and a new object where one without captures is met, so it is for code
 * that runs at a start or when policy changes, not for requests.
 *
 * <p>Their bodies stay where they are, as static methods that the package sees. Left alone are
 * classes with serializable lambdas, interfaces, and what needs more than a cast or a box.
 */
final class FoldedLambdas {
  private static final int API = Opcodes.ASM9;
  private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";

  private final String packageName;

  /** Of the package's classes: owners, names and descriptors. */
  private final Set<String> privateMethods = new HashSet<>();

  /** By the names of their classes, so that the same package gives the same files. */
  private final Map<String, LambdaSwitch> switches = new TreeMap<>();

  /**
   * Of a package.
   *
   * @param packageName with slashes
   * @param files all its classes
   */
  FoldedLambdas(String packageName, Iterable<byte[]> files) {
    this.packageName = packageName;
    for (byte[] file : files) {
      ClassReader reader = new ClassReader(file);
      reader.accept(new PrivateMethods(reader.getClassName()), ClassReader.SKIP_CODE);
    }
  }

  /** The same class of this package, without lambda expressions that can be folded. */
  byte[] fold(byte[] file) {
    ClassReader reader = new ClassReader(file);
    Bodies bodies = new Bodies(reader.getClassName());
    if ((reader.getAccess() & Opcodes.ACC_INTERFACE) == 0) {
      reader.accept(bodies, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    }
    if (bodies.folded == 0 || bodies.serializable) {
      return file;
    }
    ClassWriter writer = new ClassWriter(0);
    reader.accept(new Folding(writer, bodies), 0);
    return writer.toByteArray();
  }

  /** The classes that the folded ones need, by names with slashes. */
  Map<String, byte[]> classes() {
    Map<String, byte[]> files = new TreeMap<>();
    switches.forEach((name, each) -> files.put(name, each.file()));
    return files;
  }

  private LambdaSwitch switchFor(Lambda lambda) {
    // No two interfaces are told from each other by less, and dots would make a package of it.
    String name = packageName + "/Folded$" + lambda.type().replace('/', '_');
    return switches.computeIfAbsent(name, missing -> new LambdaSwitch(name, lambda));
  }

  private boolean isPrivate(Handle method) {
    return privateMethods.contains(key(method.getOwner(), method.getName(), method.getDesc()));
  }

  private static String key(String owner, String name, String descriptor) {
    return owner + "." + name + descriptor;
  }

  private final class PrivateMethods extends ClassVisitor {
    private final String owner;

    PrivateMethods(String owner) {
      super(API);
      this.owner = owner;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      if ((access & Opcodes.ACC_PRIVATE) != 0) {
        privateMethods.add(key(owner, name, descriptor));
      }
      return null;
    }
  }

  /** Looks at the lambdas of one class. */
  private final class Bodies extends ClassVisitor {
    private final String owner;

    /** Those that become static methods of the package: new descriptors by names with old ones. */
    private final Map<String, String> opened = new HashMap<>();

    private int folded;
    private boolean serializable;

    Bodies(String owner) {
      super(API);
      this.owner = owner;
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      return new MethodVisitor(API) {
        @Override
        public void visitInvokeDynamicInsn(
            String method, String type, Handle bootstrap, Object... arguments) {
          serializable |= bootstrap.getName().equals("altMetafactory");
          if (isLambda(bootstrap)) {
            Lambda lambda = lambda(method, type, arguments);
            if (lambda != null) {
              folded++;
              Handle body = (Handle) arguments[1];
              if (isPrivate(body)) {
                opened.put(body.getName() + body.getDesc(), lambda.body().getDesc());
              }
            }
          }
        }
      };
    }

    /** Null for one that cannot be folded. */
    @Nullable Lambda lambda(String method, String type, Object... arguments) {
      Handle body = (Handle) arguments[1];
      boolean own = body.getOwner().equals(owner) && body.getName().startsWith("lambda$");
      if (isPrivate(body) ? !own : body.getTag() == Opcodes.H_INVOKESPECIAL) {
        return null;
      }
      return Lambda.of(
          method, type, (Type) arguments[0], own ? opened(body) : body, (Type) arguments[2]);
    }
  }

  private static boolean isLambda(Handle bootstrap) {
    return bootstrap.getOwner().equals(METAFACTORY) && bootstrap.getName().equals("metafactory");
  }

  /** What a body is called as when it is static: its code does not change by that. */
  private static Handle opened(Handle body) {
    String descriptor =
        body.getTag() == Opcodes.H_INVOKESTATIC
            ? body.getDesc()
            : "(L" + body.getOwner() + ";" + body.getDesc().substring(1);
    return new Handle(
        Opcodes.H_INVOKESTATIC, body.getOwner(), body.getName(), descriptor, body.isInterface());
  }

  private final class Folding extends ClassVisitor {
    private final Bodies bodies;

    Folding(ClassVisitor next, Bodies bodies) {
      super(API, next);
      this.bodies = bodies;
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      String open = bodies.opened.get(name + descriptor);
      MethodVisitor next =
          open == null
              ? super.visitMethod(access, name, descriptor, signature, exceptions)
              : super.visitMethod(
                  (access & ~Opcodes.ACC_PRIVATE) | Opcodes.ACC_STATIC,
                  name,
                  open,
                  null,
                  exceptions);
      return new FoldingCode(next, bodies, open != null);
    }
  }

  private final class FoldingCode extends MethodVisitor {
    private final Bodies bodies;
    private final boolean opened;

    FoldingCode(MethodVisitor next, Bodies bodies, boolean opened) {
      super(API, next);
      this.bodies = bodies;
      this.opened = opened;
    }

    @Override
    public void visitParameter(@Nullable String name, int access) {
      if (!opened) { // else there may be one more of them than names
        super.visitParameter(name, access);
      }
    }

    @Override
    public void visitInvokeDynamicInsn(
        String method, String type, Handle bootstrap, Object... arguments) {
      Lambda lambda = isLambda(bootstrap) ? bodies.lambda(method, type, arguments) : null;
      if (lambda == null) {
        super.visitInvokeDynamicInsn(method, type, bootstrap, arguments);
      } else {
        switchFor(lambda).add(lambda, mv);
      }
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(maxStack + 1, maxLocals); // the number of a lambda, above its captures
    }
  }
}
