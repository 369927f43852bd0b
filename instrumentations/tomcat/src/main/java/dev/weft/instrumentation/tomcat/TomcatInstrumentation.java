package dev.weft.instrumentation.tomcat;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;

/**
 * Tomcat 10.1 and 11, embedded or standalone: each engine gets {@link MeshValve} as the first valve
 * of its pipeline, before any that the application configures.
 */
public final class TomcatInstrumentation implements Instrumentation {
  static final String NAME = "tomcat";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "org.apache.catalina.core.StandardEngine",
            List.of(
                new Weave(
                    isConstructor().and(takesNoArguments()), NewEngineAdvice.class.getName()))),
        new TypeWeave(
            "org.apache.catalina.connector.Connector",
            List.of(
                new Weave(
                    named("startInternal").and(takesNoArguments()), StartAdvice.class.getName()),
                new Weave(
                    named("stopInternal").and(takesNoArguments()), StopAdvice.class.getName()))));
  }
}
