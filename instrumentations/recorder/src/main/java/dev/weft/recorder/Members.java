package dev.weft.recorder;

import dev.weft.members.Need;
import dev.weft.members.Need.Kind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.MultiANewArrayInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.TypeInsnNode;

/** What one class of an adapter names. Confined to one thread. */
final class Members {
  private static final String LAMBDAS = "java/lang/invoke/LambdaMetafactory";

  private final ClassNode node;
  private final Library library;
  private final Set<Need> needs = new TreeSet<>();
  private final Set<String> ours = new TreeSet<>();

  Members(ClassNode node, Library library) {
    this.node = node;
    this.library = library;
    supertypes();
    for (FieldNode field : node.fields) {
      mentioned(Type.getType(field.desc));
    }
    for (MethodNode method : node.methods) {
      mentioned(method.desc);
      code(method);
    }
  }

  /** What it needs of the library. */
  Set<Need> needs() {
    return needs;
  }

  /** Names of classes that may be the adapter's too. */
  Set<String> ours() {
    return ours;
  }

  private void supertypes() {
    String name = binary(node.name);
    type(node.superName);
    node.interfaces.forEach(this::type);
    List<String> supertypes = library.supertypes(node);
    if (supertypes.isEmpty()) {
      return;
    }
    supertypes.forEach(this::type);
    boolean complete = (node.access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_INTERFACE)) == 0;
    if (complete) {
      needs.add(Need.of(Kind.EXTENDS, name, String.join(" ", supertypes)));
    }
    ClassNode each = node;
    while (each != null) {
      for (MethodNode method : each.methods) {
        if (isOverriding(method)) {
          String member = method.name + method.desc;
          if (complete) {
            needs.add(Need.of(Kind.PROVIDES, name, member));
          }
          String overridden = library.overridden(supertypes, method.name, method.desc);
          if (overridden != null) {
            needs.add(Need.of(Kind.OVERRIDES, overridden, member));
          }
        }
      }
      each = library.ours(binary(each.superName));
    }
  }

  private static boolean isOverriding(MethodNode method) {
    int not = Opcodes.ACC_STATIC | Opcodes.ACC_ABSTRACT;
    return (method.access & not) == 0
        && (method.access & (Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)) != 0
        && !method.name.startsWith("<");
  }

  private void code(MethodNode method) {
    for (TryCatchBlockNode block : method.tryCatchBlocks) {
      if (block.type != null) {
        type(block.type);
      }
    }
    for (AbstractInsnNode instruction : method.instructions) {
      if (instruction instanceof MethodInsnNode call) {
        call(call, method);
      } else if (instruction instanceof FieldInsnNode field) {
        boolean isStatic =
            field.getOpcode() == Opcodes.GETSTATIC || field.getOpcode() == Opcodes.PUTSTATIC;
        field(field.owner, field.name, field.desc, isStatic);
      } else if (instruction instanceof TypeInsnNode type) {
        type(type.desc);
      } else if (instruction instanceof MultiANewArrayInsnNode array) {
        type(array.desc);
      } else if (instruction instanceof LdcInsnNode constant) {
        constant(constant.cst);
      } else if (instruction instanceof InvokeDynamicInsnNode dynamic) {
        dynamic(dynamic);
      }
    }
    new Passing(node, method, library)
        .pairs().stream()
            .map(pair -> Need.of(Kind.SUBTYPE, pair.given(), pair.taken()))
            .forEach(needs::add);
  }

  private void call(MethodInsnNode call, MethodNode within) {
    Need hidden = HiddenLookup.need(call, binary(node.name) + "." + within.name);
    if (hidden != null) {
      needs.add(hidden);
      needs.add(Need.of(Kind.START, binary(node.name), ""));
    }
    invoked(call.owner, call.name, call.desc, call.getOpcode() == Opcodes.INVOKESTATIC, call.itf);
  }

  private void invoked(String owner, String name, String desc, boolean isStatic, boolean itf) {
    mentioned(desc);
    String declarer = declarer(owner, name, desc);
    if (declarer == null) {
      return;
    }
    boolean ofInterface = library.isOurs(binary(owner)) ? library.isInterface(declarer) : itf;
    Kind kind =
        ofInterface
            ? isStatic ? Kind.STATIC_INTERFACE_METHOD : Kind.INTERFACE_METHOD
            : isStatic ? Kind.STATIC_METHOD : Kind.METHOD;
    needs.add(Need.of(kind, declarer, name + desc));
  }

  private void field(String owner, String name, String desc, boolean isStatic) {
    mentioned(Type.getType(desc));
    String declarer = declarer(owner, name, desc);
    if (declarer != null) {
      Kind kind = isStatic ? Kind.STATIC_FIELD : Kind.FIELD;
      needs.add(Need.of(kind, declarer, name + ":" + desc));
    }
  }

  /**
   * The class of the library that has a member; null: it is ours, or every JDK's. What our class
   * inherits is named by our class.
   */
  private @Nullable String declarer(String owner, String name, String desc) {
    mentioned(Type.getObjectType(owner));
    String named = binary(owner);
    String declarer = library.isOurs(named) ? library.inherited(named, name, desc) : named;
    // Of arrays it can only be clone().
    return declarer == null || declarer.startsWith("[") || !library.has(declarer) ? null : declarer;
  }

  private void dynamic(InvokeDynamicInsnNode dynamic) {
    mentioned(dynamic.desc);
    if (dynamic.bsm.getOwner().equals(LAMBDAS)) {
      String implemented = binary(Type.getReturnType(dynamic.desc).getInternalName());
      if (library.has(implemented)) {
        needs.add(Need.of(Kind.LAMBDA, implemented, dynamic.name + ((Type) dynamic.bsmArgs[0])));
      }
    }
    constant(dynamic.bsm);
    for (Object argument : dynamic.bsmArgs) {
      constant(argument);
    }
  }

  private void constant(@Nullable Object constant) {
    if (constant instanceof Type type) {
      if (type.getSort() == Type.METHOD) {
        mentioned(type.getDescriptor());
      } else {
        type(type);
      }
    } else if (constant instanceof Handle handle) {
      handle(handle);
    } else if (constant instanceof ConstantDynamic dynamic) {
      constant(dynamic.getBootstrapMethod());
      for (int i = 0; i < dynamic.getBootstrapMethodArgumentCount(); i++) {
        constant(dynamic.getBootstrapMethodArgument(i));
      }
    }
  }

  private void handle(Handle handle) {
    switch (handle.getTag()) {
      case Opcodes.H_GETFIELD, Opcodes.H_PUTFIELD ->
          field(handle.getOwner(), handle.getName(), handle.getDesc(), false);
      case Opcodes.H_GETSTATIC, Opcodes.H_PUTSTATIC ->
          field(handle.getOwner(), handle.getName(), handle.getDesc(), true);
      default ->
          invoked(
              handle.getOwner(),
              handle.getName(),
              handle.getDesc(),
              handle.getTag() == Opcodes.H_INVOKESTATIC,
              handle.isInterface());
    }
  }

  /** Types that a descriptor mentions need not be there for that alone. */
  private void mentioned(String descriptor) {
    for (Type type : Type.getArgumentTypes(descriptor)) {
      mentioned(type);
    }
    mentioned(Type.getReturnType(descriptor));
  }

  private void mentioned(Type type) {
    String name = name(type);
    if (name != null && library.isOurs(name)) {
      ours.add(name);
    }
  }

  private void type(@Nullable String internalName) {
    if (internalName != null) {
      type(Type.getObjectType(internalName));
    }
  }

  private void type(Type type) {
    mentioned(type);
    String name = name(type);
    if (name != null && library.has(name)) {
      needs.add(Need.of(Kind.TYPE, name, ""));
    }
  }

  private static @Nullable String name(Type type) {
    Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
    return element.getSort() == Type.OBJECT ? element.getClassName() : null;
  }

  private static String binary(String internalName) {
    return internalName.replace('/', '.');
  }
}
