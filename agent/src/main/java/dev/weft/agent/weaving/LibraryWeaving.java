package dev.weft.agent.weaving;

import dev.weft.bootstrap.AdviceDispatch;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.InvokeDynamicAllowed;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.JavaConstant;

/** A library's class: its methods reach their advice by {@code invokedynamic}. */
final class LibraryWeaving extends Weaving {
  private static final Method BOOTSTRAP;

  static {
    try {
      BOOTSTRAP =
          AdviceDispatch.class.getMethod(
              "bootstrap",
              java.lang.invoke.MethodHandles.Lookup.class,
              String.class,
              java.lang.invoke.MethodType.class,
              String.class);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private final Instrumentation instrumentation;
  private final TypeWeave weave;

  LibraryWeaving(Instrumentation instrumentation, TypeWeave weave) {
    super(instrumentation.name());
    this.instrumentation = instrumentation;
    this.weave = weave;
  }

  @Override
  boolean fits(HookCheck check, HookCheck.Loading loading, byte[] bytes) {
    return check.fits(instrumentation, loading, bytes);
  }

  @Override
  List<AsmVisitorWrapper> visitors(TypeDescription type, TypePool pool, ClassFileLocator locator) {
    List<AsmVisitorWrapper> visitors = new ArrayList<>();
    for (Weave each : weave.weaves()) {
      require(type, each.method(), each.adviceClass());
      Advice advice =
          Advice.withCustomMapping()
              .with(new Advice.AssignReturned.Factory())
              .bootstrap(
                  BOOTSTRAP,
                  (adviceMethod, exit) ->
                      (instrumentedType, instrumentedMethod) ->
                          List.of(
                              JavaConstant.Simple.ofLoaded(
                                  adviceMethod.getDeclaringType().getName())))
              .to(pool.describe(each.adviceClass()).resolve(), locator);
      visitors.add(advice.on(each.method()));
    }
    visitors.add(new InvokeDynamicAllowed());
    return visitors;
  }
}
