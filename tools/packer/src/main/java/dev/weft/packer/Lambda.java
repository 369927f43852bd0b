package dev.weft.packer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * A lambda expression or method reference, as {@code java.lang.invoke.LambdaMetafactory} is asked
 * for it, that {@link LambdaSwitch} can call. Immutable.
 *
 * @param type the functional interface's name, with slashes
 * @param method of the interface
 * @param erased the method's type in the interface
 * @param captured types of what it holds
 * @param actual types of the method's parameters where the expression stands
 * @param body what is called, with the captured before the parameters
 */
record Lambda(
    String type, String method, Type erased, List<Type> captured, List<Type> actual, Handle body) {

  /** Null when it takes more than casts and boxes to call it. */
  static @Nullable Lambda of(String method, String factory, Type erased, Handle body, Type actual) {
    Lambda lambda =
        new Lambda(
            Type.getReturnType(factory).getInternalName(),
            method,
            erased,
            List.of(Type.getArgumentTypes(factory)),
            List.of(actual.getArgumentTypes()),
            body);
    return lambda.isSimple() ? lambda : null;
  }

  private boolean isSimple() {
    List<Type> taken = taken();
    if (taken.size() != captured.size() + actual.size()) {
      return false;
    }
    List<Type> given = new ArrayList<>(captured);
    given.addAll(actual);
    for (int i = 0; i < taken.size(); i++) {
      if (!isSimple(given.get(i), taken.get(i))) {
        return false;
      }
    }
    Type wanted = erased.getReturnType();
    return wanted.getSort() == Type.VOID || isSimple(given(), wanted);
  }

  private static boolean isSimple(Type from, Type to) {
    if (Boxes.isPrimitive(from) && Boxes.isPrimitive(to)) {
      return from.equals(to);
    }
    if (Boxes.isPrimitive(to)) {
      return Boxes.of(to).equals(from.getInternalName());
    }
    return true;
  }

  /** Types of all that the body takes, its receiver included. */
  List<Type> taken() {
    List<Type> types = new ArrayList<>();
    if (body.getTag() != Opcodes.H_INVOKESTATIC && body.getTag() != Opcodes.H_NEWINVOKESPECIAL) {
      types.add(Type.getObjectType(body.getOwner()));
    }
    Collections.addAll(types, Type.getArgumentTypes(body.getDesc()));
    return types;
  }

  /** Type of what the body gives back. */
  Type given() {
    return body.getTag() == Opcodes.H_NEWINVOKESPECIAL
        ? Type.getObjectType(body.getOwner())
        : Type.getReturnType(body.getDesc());
  }
}
