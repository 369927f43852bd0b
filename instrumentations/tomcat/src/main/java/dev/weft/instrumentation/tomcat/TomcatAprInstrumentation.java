package dev.weft.instrumentation.tomcat;

import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;

/**
 * Connectors on APR, which Tomcat 9.0 and 10.0 have and whose native sockets the wire layer cannot
 * see: they become connectors on NIO. Later versions have none; there this changes nothing.
 */
public final class TomcatAprInstrumentation implements Instrumentation {
  @Override
  public String name() {
    return "tomcat-apr";
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "org.apache.coyote.ProtocolHandler",
            List.of(
                new Weave(
                    named("create").and(isStatic()).and(takesArgument(0, String.class)),
                    CreateProtocolAdvice.class.getName()))));
  }
}
