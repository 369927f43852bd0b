package dev.weft.server.protocol;

import java.util.List;

/**
 * Body of {@code POST /v1/diff}.
 *
 * @param files everything that the policy folder would hold
 */
public record DiffRequest(List<File> files) {

  /**
   * A policy file.
   *
   * @param name its path below the policy folder
   */
  public record File(String name, String text) {}
}
