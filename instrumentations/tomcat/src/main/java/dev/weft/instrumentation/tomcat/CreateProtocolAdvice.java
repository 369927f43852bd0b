package dev.weft.instrumentation.tomcat;

import dev.weft.instrumentation.Mesh;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code ProtocolHandler.create(String, boolean)}, later {@code create(String)}. A name
 * like {@code HTTP/1.1} leaves the choice to Tomcat; that of a class is taken at its word.
 */
public final class CreateProtocolAdvice {
  private static final String HTTP_APR = "org.apache.coyote.http11.Http11AprProtocol";
  private static final String AJP_APR = "org.apache.coyote.ajp.AjpAprProtocol";

  private CreateProtocolAdvice() {}

  /**
   * The protocol on NIO, when it would be on APR; not suppressed, because that would be plaintext.
   *
   * @param apr whether Tomcat chooses APR; versions without that choice have no such argument
   */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(0))
  public static @Nullable String enter(
      @Advice.Argument(0) @Nullable String protocol,
      @Advice.Argument(value = 1, optional = true) boolean apr) {
    if (HTTP_APR.equals(protocol) || (apr && (protocol == null || protocol.equals("HTTP/1.1")))) {
      return steered(HTTP_APR, "org.apache.coyote.http11.Http11NioProtocol");
    }
    if (AJP_APR.equals(protocol) || (apr && "AJP/1.3".equals(protocol))) {
      return steered(AJP_APR, "org.apache.coyote.ajp.AjpNioProtocol");
    }
    return protocol;
  }

  private static String steered(String from, String to) {
    Mesh.transport().steered(from);
    return to;
  }
}
