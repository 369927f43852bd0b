package dev.weft.instrumentation.sample;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;
import net.bytebuddy.matcher.ElementMatchers;

/** Weaves {@code lib.Client}. */
public final class SampleInstrumentation implements Instrumentation {
  @Override
  public String name() {
    return "sample";
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "lib.Client",
            List.of(new Weave(ElementMatchers.named("send"), SampleAdvice.class.getName()))));
  }
}
