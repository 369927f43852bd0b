package dev.weft.recorder;

import dev.weft.members.Need;
import dev.weft.members.Need.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/** A call of {@code HiddenMembers}, whose arguments say which member is looked up. */
final class HiddenLookup {
  private static final String OWNER = "dev/weft/instrumentation/HiddenMembers";
  private static final String CONSTRUCTOR = "constructor";

  private static final Map<String, Kind> KINDS =
      Map.of(
          "type",
          Kind.TYPE,
          "method",
          Kind.HIDDEN_METHOD,
          "staticMethod",
          Kind.HIDDEN_STATIC_METHOD,
          CONSTRUCTOR,
          Kind.HIDDEN_METHOD,
          "getter",
          Kind.HIDDEN_FIELD,
          "staticGetter",
          Kind.HIDDEN_STATIC_FIELD,
          "setter",
          Kind.HIDDEN_SETTER);

  private HiddenLookup() {}

  /**
   * What a call looks up; null: it is another call.
   *
   * @param where class and method, for the message
   * @throws IllegalStateException when an argument is no literal
   */
  static @Nullable Need need(MethodInsnNode call, String where) {
    if (!call.owner.equals(OWNER) || call.name.equals("of")) {
      return null;
    }
    boolean optional = call.name.startsWith("optional");
    String lookup = optional ? uncapitalised(call.name.substring("optional".length())) : call.name;
    Kind kind = KINDS.get(lookup);
    if (kind == null) {
      throw new IllegalStateException("HiddenMembers." + call.name + " cannot be recorded");
    }
    Deque<String> arguments = literals(call, where);
    String owner = arguments.remove();
    String member =
        switch (kind) {
          case TYPE -> "";
          case HIDDEN_METHOD, HIDDEN_STATIC_METHOD ->
              lookup.equals(CONSTRUCTOR)
                  ? "<init>" + arguments.remove()
                  : arguments.remove() + arguments.remove();
          default -> arguments.remove() + ":" + arguments.remove();
        };
    return new Need(kind, optional, owner, member);
  }

  private static Deque<String> literals(MethodInsnNode call, String where) {
    Deque<String> arguments = new ArrayDeque<>();
    AbstractInsnNode each = call;
    while (arguments.size() < Type.getArgumentTypes(call.desc).length) {
      each = each.getPrevious();
      if (each != null && each.getOpcode() < 0) {
        continue; // a label, a line number or a frame
      }
      if (!(each instanceof LdcInsnNode constant) || !(constant.cst instanceof String literal)) {
        throw new IllegalStateException(
            where + " calls HiddenMembers." + call.name + " with what is no literal");
      }
      arguments.addFirst(literal);
    }
    return arguments;
  }

  private static String uncapitalised(String name) {
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
