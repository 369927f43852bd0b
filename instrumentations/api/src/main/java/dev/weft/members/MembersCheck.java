package dev.weft.members;

import dev.weft.members.LibraryClasses.Declared;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * Holds a recording against the library at hand, as the JVM would when it links the adapter, but
 * all at once and before anything is woven. Confined to one thread.
 */
public final class MembersCheck {
  private static final Pattern BLANKS = Pattern.compile(" ");
  private static final String CONSTRUCTOR = "<init>";

  private final LibraryClasses library;
  private final Recording recording;

  private MembersCheck(Recording recording, LibraryClasses library) {
    this.recording = recording;
    this.library = library;
  }

  /** What the library lacks, one line for each; empty: the hook fits. */
  public static List<String> missing(Recording recording, LibraryClasses library) {
    return new MembersCheck(recording, library).missing(false);
  }

  /** What this library lacks of that without which the hook can do. */
  public static List<String> missingOptional(Recording recording, LibraryClasses library) {
    return new MembersCheck(recording, library).missing(true);
  }

  private List<String> missing(boolean optional) {
    List<String> missing = new ArrayList<>();
    Set<String> classes = new HashSet<>();
    for (Need need : recording.needs()) {
      if (need.optional() != optional) {
        continue;
      }
      String absent = absentClass(need);
      if (absent == null) {
        String problem = problem(need);
        if (problem != null) {
          missing.add(problem);
        }
      } else if (classes.add(absent)) {
        missing.add("no class " + absent);
      }
    }
    return missing;
  }

  /** The class that is missing, before all its members are said to be. */
  private @Nullable String absentClass(Need need) {
    return switch (need.kind()) {
      case START, PROVIDES -> null;
      case EXTENDS ->
          names(need).stream().filter(name -> library.file(name) == null).findFirst().orElse(null);
      default -> library.file(need.owner()) == null ? need.owner() : null;
    };
  }

  private @Nullable String problem(Need need) {
    return switch (need.kind()) {
      case START, TYPE, PROVIDES -> null;
      case SUBTYPE ->
          library.isSubtype(need.owner(), need.member())
              ? null
              : need.owner() + " is no " + need.member() + " any more";
      case EXTENDS -> extending(need);
      case LAMBDA -> lambda(need);
      case OVERRIDES -> overriding(need);
      case METHOD -> method(need, false, false, false);
      case STATIC_METHOD -> method(need, false, true, false);
      case INTERFACE_METHOD -> method(need, true, false, false);
      case STATIC_INTERFACE_METHOD -> method(need, true, true, false);
      case HIDDEN_METHOD -> method(need, isInterface(need), false, true);
      case HIDDEN_STATIC_METHOD -> method(need, isInterface(need), true, true);
      case FIELD -> field(need, false, false, false);
      case STATIC_FIELD -> field(need, true, false, false);
      case HIDDEN_FIELD -> field(need, false, true, false);
      case HIDDEN_STATIC_FIELD -> field(need, true, true, false);
      case HIDDEN_SETTER -> field(need, false, true, true);
    };
  }

  private boolean isInterface(Need need) {
    ClassFile file = library.file(need.owner());
    return file != null && file.isInterface();
  }

  private @Nullable String method(
      Need need, boolean ofInterface, boolean isStatic, boolean hidden) {
    if (isInterface(need) != ofInterface) {
      return need.owner() + (ofInterface ? " is no interface any more" : " is an interface now");
    }
    return judged("method ", need, library.method(need.owner(), need.member()), isStatic, hidden);
  }

  private @Nullable String field(Need need, boolean isStatic, boolean hidden, boolean set) {
    Integer flags = library.field(need.owner(), need.member());
    if (set && flags != null && is(flags, Opcodes.ACC_FINAL)) {
      return "field " + text(need) + " is final now";
    }
    return judged("field ", need, flags, isStatic, hidden);
  }

  private static @Nullable String judged(
      String what, Need need, @Nullable Integer flags, boolean isStatic, boolean hidden) {
    if (flags == null) {
      return "no " + what + text(need);
    }
    if (is(flags, Opcodes.ACC_STATIC) != isStatic) {
      return what + text(need) + (isStatic ? " is not static any more" : " is static now");
    }
    // Protected members are recorded for subclasses only: javac has seen to that.
    return hidden || is(flags, Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)
        ? null
        : what + text(need) + " is not public any more";
  }

  private @Nullable String overriding(Need need) {
    Integer flags = library.method(need.owner(), need.member());
    if (flags == null) {
      return "no method " + text(need) + " to override";
    }
    return is(flags, Opcodes.ACC_FINAL | Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE)
        ? "method " + text(need) + " cannot be overridden any more"
        : null;
  }

  private @Nullable String extending(Need need) {
    List<String> types = names(need);
    for (String type : types) {
      ClassFile file = library.file(type);
      if (file != null && is(file.access(), Opcodes.ACC_FINAL)) {
        return type + " is final now";
      }
    }
    Set<String> provided = new HashSet<>();
    for (Need each : recording.needs()) {
      if (each.kind() == Need.Kind.PROVIDES && each.owner().equals(need.owner())) {
        provided.add(each.member());
      }
    }
    for (Declared method : library.unimplemented(types)) {
      if (!provided.contains(method.member())) {
        return asksFor(method);
      }
    }
    return null;
  }

  private @Nullable String lambda(Need need) {
    if (!isInterface(need)) {
      return need.owner() + " is no interface any more";
    }
    boolean found = false;
    for (Declared method : library.unimplemented(List.of(need.owner()))) {
      if (!method.member().equals(need.member())) {
        return asksFor(method);
      }
      found = true;
    }
    return found ? null : "no abstract method " + text(need);
  }

  private static String asksFor(Declared method) {
    return method.owner()
        + " asks for another method: "
        + text(Need.of(Need.Kind.METHOD, method.owner(), method.member()));
  }

  private static List<String> names(Need need) {
    return List.of(BLANKS.split(need.member()));
  }

  private static boolean is(int flags, int flag) {
    return (flags & flag) != 0;
  }

  /** As Java would have it: {@code okhttp3.HttpUrl okhttp3.Request.url()}. */
  private static String text(Need need) {
    String member = need.member();
    int colon = member.indexOf(':');
    if (colon >= 0) {
      return Type.getType(member.substring(colon + 1)).getClassName()
          + " "
          + need.owner()
          + "."
          + member.substring(0, colon);
    }
    int open = member.indexOf('(');
    String name = member.substring(0, open);
    Type type = Type.getMethodType(member.substring(open));
    List<String> parameters = new ArrayList<>();
    for (Type each : type.getArgumentTypes()) {
      parameters.add(each.getClassName());
    }
    String called = name.equals(CONSTRUCTOR) ? need.owner() : need.owner() + "." + name;
    String result = name.equals(CONSTRUCTOR) ? "" : type.getReturnType().getClassName() + " ";
    return result + called + "(" + String.join(", ", parameters) + ")";
  }
}
