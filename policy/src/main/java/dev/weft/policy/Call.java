package dev.weft.policy;

import java.util.List;

/**
 * An outbound request, as far as policy may look at it. Implementations are thin views on a
 * library's own request. Confined to the thread that decides.
 */
public interface Call {
  /** Host as the application wrote it, without port; any case. */
  String host();

  /** Port the application dials, 1 to 65535. */
  int port();

  /** {@code http} or {@code https}. */
  default String scheme() {
    return "http";
  }

  /** Request method as sent. */
  String method();

  /** Path and query as sent, starting with {@code /}. */
  String pathAndQuery();

  /**
   * {@link #pathAndQuery} with the path as routes compare it: without parameters, empty and dot
   * segments and needless percent codes. The same text where it is so already, or has no such form.
   * Never what is sent.
   */
  default String normalTarget() {
    return NormalPath.ofTarget(pathAndQuery());
  }

  /** Values of a header in order; the name has any case; empty when absent. */
  List<String> header(String name);
}
