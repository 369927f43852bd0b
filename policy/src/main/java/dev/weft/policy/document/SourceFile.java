package dev.weft.policy.document;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A policy file as it was read. Immutable. No record, because a record compares arrays by identity.
 */
public final class SourceFile {
  private final String name;
  private final byte[] bytes;
  private final int hash;

  /**
   * A file's bytes, not yet known to be text.
   *
   * @param name what diagnostics show, and the order in which files are read: usually the path
   *     below the policy folder
   */
  public SourceFile(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes.clone();
    this.hash = 31 * name.hashCode() + Arrays.hashCode(bytes);
  }

  /** A file's text. */
  public SourceFile(String name, String text) {
    this(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a file of this name holds policy documents: {@code *.yaml, *.yml, *.json}. */
  public static boolean accepts(String name) {
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  /** What diagnostics show. */
  public String name() {
    return name;
  }

  /** A copy of the content. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SourceFile file
        && hash == file.hash
        && name.equals(file.name)
        && Arrays.equals(bytes, file.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return name + " (" + bytes.length + " bytes)";
  }
}
