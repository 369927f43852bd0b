package dev.weft.instrumentation;

import java.util.List;

/**
 * A woven type.
 *
 * @param type binary name, for example {@code jdk.internal.net.http.HttpClientImpl}
 * @param copies which other names of it count
 * @param weaves its woven methods; a weave that matches no method switches the instrumentation off
 *     for that class loader, visibly
 */
public record TypeWeave(String type, Copies copies, List<Weave> weaves) {
  /** Whether a library may carry the type within itself, under another name. */
  public enum Copies {
    /** Only the exact name. */
    NONE,
    /** Also the name below any other package: {@code io.grpc.netty.shaded.} and the like. */
    RELOCATED
  }

  /** A type with this very name. */
  public TypeWeave(String type, List<Weave> weaves) {
    this(type, Copies.NONE, weaves);
  }

  /** Whether a class with this binary name is meant. */
  public boolean matches(String className) {
    return className.endsWith(type)
        && (className.length() == type.length()
            || (copies == Copies.RELOCATED
                && className.charAt(className.length() - type.length() - 1) == '.'));
  }
}
