package dev.weft.agent.mutation;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.PrintWriter;
import java.util.Arrays;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs tests, each {@code class} or {@code class#method}; ends with 1 unless all pass. */
public final class Runner {
  private Runner() {}

  /** See above. */
  public static void main(String[] args) throws ClassNotFoundException {
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    for (String arg : args) {
      String[] test = arg.split("#");
      Class<?> type = Class.forName(test[0]);
      if (test.length == 1) {
        request.selectors(selectClass(type));
      } else {
        // Whatever its parameters are.
        Arrays.stream(type.getDeclaredMethods())
            .filter(method -> method.getName().equals(test[1]))
            .forEach(method -> request.selectors(selectMethod(type, method)));
      }
    }
    System.exit(passes(request.build()) ? 0 : 1);
  }

  private static boolean passes(LauncherDiscoveryRequest request) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true), 5);
    return summary.getTestsSucceededCount() > 0 && summary.getTotalFailureCount() == 0;
  }
}
