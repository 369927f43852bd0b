package dev.weft.agent.weaving;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/**
 * Inlined advice, and calls to {@code sun.nio.ch.Net} sent to the seam, in one class of the JDK.
 */
final class JdkWeaving extends Weaving {
  static final String HOOK = "wire";

  private final Map<ElementMatcher.Junction<MethodDescription>, Class<?>> advice;
  private final List<AsmVisitorWrapper> calls;

  /**
   * A weaving of the given advice by method, and of the {@code Net} methods that the class must
   * call.
   *
   * @param netCalls names; all their calls are redirected
   */
  JdkWeaving(
      Map<ElementMatcher.Junction<MethodDescription>, Class<?>> advice, List<String> netCalls) {
    this(advice, netCalls.isEmpty() ? Set.of() : Set.of(calls(new NetCalls(netCalls))));
  }

  private JdkWeaving(
      Map<ElementMatcher.Junction<MethodDescription>, Class<?>> advice,
      Collection<AsmVisitorWrapper> calls) {
    super(HOOK);
    this.advice = advice;
    this.calls = List.copyOf(calls);
  }

  /** A weaving of a socket that connects through a proxy. */
  static JdkWeaving proxy() {
    return new JdkWeaving(Map.of(), Set.of(calls(new ProxyCalls())));
  }

  private static AsmVisitorWrapper calls(
      AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper visitor) {
    return new AsmVisitorWrapper.ForDeclaredMethods().invokable(ElementMatchers.any(), visitor);
  }

  @Override
  List<AsmVisitorWrapper> visitors(TypeDescription type, TypePool pool, ClassFileLocator locator) {
    List<AsmVisitorWrapper> visitors = new ArrayList<>();
    advice.forEach(
        (method, adviceClass) -> {
          require(type, method, adviceClass.getSimpleName());
          // Described by its class file: reflection would make a proxy of each kind of annotation.
          visitors.add(
              Advice.to(pool.describe(adviceClass.getName()).resolve(), locator).on(method));
        });
    visitors.addAll(calls);
    return visitors;
  }
}
