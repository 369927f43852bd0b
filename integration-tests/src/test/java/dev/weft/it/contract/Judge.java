package dev.weft.it.contract;

import dev.weft.it.contract.Results.Verdict;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Leaves out the stories that a mark or a gap names, and keeps what became of every story. */
final class Judge implements BeforeEachCallback, TestWatcher {
  @Override
  public void beforeEach(ExtensionContext context) {
    Method story = context.getRequiredTestMethod();
    String gap = run(context).library().gaps().get(story.getName());
    if (gap != null) {
      Assumptions.abort("gap of the library: " + gap);
    }
    missing(context).ifPresent(feature -> Assumptions.abort("not yet: " + feature));
  }

  private static Optional<String> missing(ExtensionContext context) {
    return Stream.concat(
            run(context).library().missing().stream(),
            Stream.ofNullable(context.getRequiredTestMethod().getAnnotation(NotYet.class))
                .map(NotYet::value))
        .filter(Features::missing)
        .findFirst();
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
    String story = context.getRequiredTestMethod().getName();
    String gap = run(context).library().gaps().get(story);
    Optional<String> missing = missing(context);
    if (gap != null) {
      add(context, Verdict.GAP, gap);
    } else if (missing.isPresent()) {
      add(context, Verdict.NOT_YET, missing.get());
    } else {
      throw new AssertionError(story + " was aborted: no story may be skipped unsaid", cause);
    }
  }

  private static void add(ExtensionContext context, Verdict verdict, String reason) {
    run(context).results().add(context.getRequiredTestMethod().getName(), verdict, reason);
  }

  private static Run run(ExtensionContext context) {
    return ((ClientContractIT) context.getRequiredTestInstance()).run();
  }
}
