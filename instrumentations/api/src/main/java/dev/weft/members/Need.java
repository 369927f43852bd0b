package dev.weft.members;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One thing that an adapter needs of its library. Immutable.
 *
 * @param optional whether the adapter can do without it; such needs are told, never a mismatch
 * @param owner binary name of the class that the adapter names
 * @param member by kind: {@code name(descriptor)result} of a method, {@code name:descriptor} of a
 *     field, names of classes separated by blanks; empty where the class is all
 */
public record Need(Kind kind, boolean optional, String owner, String member)
    implements Comparable<Need> {
  private static final String OPTIONAL = "optional ";
  private static final Pattern BLANK = Pattern.compile(" ");

  /** What is needed. */
  public enum Kind {
    /** An adapter's class, which is to be initialised before the hook's first use. */
    START,
    /** A class or interface. */
    TYPE,
    /** A class is also {@link #member}: an adapter passes it as such. */
    SUBTYPE,
    /** An adapter's class {@link #owner} has these supertypes and implements all they ask for. */
    EXTENDS,
    /** A method that the adapter's class {@link #owner} has. */
    PROVIDES,
    /** A method that an adapter's class overrides. */
    OVERRIDES,
    /** An interface that an adapter implements by a lambda: this method, and no other. */
    LAMBDA,
    /** A method of a class, or a constructor. */
    METHOD,
    /** A static method of a class. */
    STATIC_METHOD,
    /** A method of an interface. */
    INTERFACE_METHOD,
    /** A static method of an interface. */
    STATIC_INTERFACE_METHOD,
    /** A field. */
    FIELD,
    /** A static field. */
    STATIC_FIELD,
    /** A method or constructor of any visibility. */
    HIDDEN_METHOD,
    /** A static method of any visibility. */
    HIDDEN_STATIC_METHOD,
    /** A field of any visibility. */
    HIDDEN_FIELD,
    /** A static field of any visibility. */
    HIDDEN_STATIC_FIELD,
    /** A field of any visibility that is not final. */
    HIDDEN_SETTER;

    private String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Needed by all means. */
  public static Need of(Kind kind, String owner, String member) {
    return new Need(kind, false, owner, member);
  }

  /** The same need, of which the adapter does without. */
  public Need asOptional() {
    return new Need(kind, true, owner, member);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException when it is no such line
   */
  static Need parse(String line) {
    boolean optional = line.startsWith(OPTIONAL);
    String[] parts = BLANK.split(optional ? line.substring(OPTIONAL.length()) : line, 3);
    if (parts.length < 2) {
      throw new IllegalArgumentException("no need of a member: " + line);
    }
    Kind kind = Kind.valueOf(parts[0].toUpperCase(Locale.ROOT).replace('-', '_'));
    return new Need(kind, optional, parts[1], parts.length == 3 ? parts[2] : "");
  }

  /** The line in a recording. */
  @Override
  public String toString() {
    return (optional ? OPTIONAL : "")
        + kind.text()
        + " "
        + owner
        + (member.isEmpty() ? "" : " " + member);
  }

  @Override
  public int compareTo(Need other) {
    return toString().compareTo(other.toString());
  }
}
