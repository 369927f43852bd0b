package dev.weft.it.contract;

import dev.weft.it.contract.Results.Verdict;
import java.lang.reflect.Method;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/** Leaves out the stories that a mark or a gap names, and keeps what became of every story. */
final class Judge implements BeforeEachCallback, InvocationInterceptor, TestWatcher {
  @Override
  public void beforeEach(ExtensionContext context) {
    gap(context).ifPresent(reason -> Assumptions.abort("gap of the library: " + reason));
    missing(context).ifPresent(feature -> Assumptions.abort("not yet: " + feature));
  }

  /** A story that leaves itself out would be skipped unsaid. */
  @Override
  public void interceptTestMethod(
      Invocation<Void> story, ReflectiveInvocationContext<Method> method, ExtensionContext context)
      throws Throwable {
    try {
      story.proceed();
    } catch (TestAbortedException e) {
      throw new AssertionError("a story must not abort", e);
    }
  }

  private static Optional<String> gap(ExtensionContext context) {
    Run run = run(context);
    return run.library().gap(context.getRequiredTestMethod().getName(), run.version());
  }

  private static Optional<String> missing(ExtensionContext context) {
    return Optional.ofNullable(context.getRequiredTestMethod().getAnnotation(NotYet.class))
        .map(NotYet::value)
        .filter(Features::missing);
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    NotYet mark = context.getRequiredTestMethod().getAnnotation(NotYet.class);
    add(context, Verdict.PASSED, mark == null ? "" : "although marked: not yet " + mark.value());
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    add(context, Verdict.FAILED, String.valueOf(cause.getMessage()));
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    Optional<String> gap = gap(context);
    Optional<String> missing = missing(context);
    gap.ifPresentOrElse(
        reason -> add(context, Verdict.GAP, reason),
        () -> add(context, Verdict.NOT_YET, missing.orElseThrow()));
  }

  private static void add(ExtensionContext context, Verdict verdict, String reason) {
    run(context).results().add(context.getRequiredTestMethod().getName(), verdict, reason);
  }

  private static Run run(ExtensionContext context) {
    return ((ClientContract) context.getRequiredTestInstance()).run();
  }
}
