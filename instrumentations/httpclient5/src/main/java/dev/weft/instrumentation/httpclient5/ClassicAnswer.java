package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.LocalReply;
import org.apache.hc.core5.http.ClassicHttpResponse;

/** What the application gets of the classic client. Immutable. */
sealed interface ClassicAnswer {
  /** By an endpoint, over one of these connections. */
  record Delivered(ClassicHttpResponse response, Deliver deliver, Connections by)
      implements ClassicAnswer {}

  /** By the mesh itself. */
  record Local(LocalReply reply) implements ClassicAnswer {}
}
