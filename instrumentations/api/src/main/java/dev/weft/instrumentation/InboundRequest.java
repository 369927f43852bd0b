package dev.weft.instrumentation;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server library's own request, as the mesh may look at it. A thin live view. */
public interface InboundRequest {
  /** Request method as it came. */
  String method();

  /** Path as it came over the wire, undecoded, without query. */
  String path();

  /** Query as it came over the wire, undecoded, without {@code ?}; may be "". */
  String query();

  /**
   * The authority ({@code Host} or {@code :authority}), with port where one was sent; may be "".
   */
  String authority();

  /** Values of a header in order; the name has any case; empty when absent. */
  List<String> header(String name);

  /**
   * Makes the application see one value of a header instead of those that came, or, with null, no
   * such header. Called before the application sees the request.
   *
   * @return whether it does; false: this library does not let us
   */
  boolean replaceHeader(String name, @Nullable String value);

  /**
   * The other end of the socket itself, never what a forwarding header claims: the peer's proven
   * identity is looked up by it.
   */
  InetSocketAddress remote();

  /**
   * Our end of the socket: two connections may have the same other end, each to another address of
   * ours.
   */
  InetSocketAddress local();
}
