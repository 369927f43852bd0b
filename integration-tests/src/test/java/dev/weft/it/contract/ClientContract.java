package dev.weft.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * What every client library must do under the agent: every story, at each of its versions, on each
 * JDK. A class for each adapter says {@link Clients which libraries} are its, and nothing else.
 */
@ParameterizedClass(name = "{0}")
@ArgumentsSource(Runs.class)
@ExtendWith(Judge.class)
abstract class ClientContract
    implements RoutingStories,
        FilterStories,
        TimeoutStories,
        RetryStories,
        ResilienceStories,
        FidelityStories,
        ConnectionStories,
        ObservationStories,
        WebSocketStories {
  @Parameter private Run run;

  /** The policy that the stories need. */
  static void declare(Declarations policy) throws IOException {
    RoutingStories.declare(policy);
    FilterStories.declare(policy);
    TimeoutStories.declare(policy);
    RetryStories.declare(policy);
    ResilienceStories.declare(policy);
    FidelityStories.declare(policy);
    ConnectionStories.declare(policy);
    ObservationStories.declare(policy);
    WebSocketStories.declare(policy);
  }

  @BeforeAll
  static void forget(TestInfo adapter) throws IOException {
    List<Library> libraries = Runs.libraries(adapter.getTestClass().orElseThrow());
    Matrix.clear(libraries);
    Set<String> stories =
        Arrays.stream(ClientContract.class.getMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .map(Method::getName)
            .collect(Collectors.toSet());
    for (Library library : libraries) {
      assertThat(stories).as("gaps of %s", library.name()).containsAll(library.gaps().keySet());
    }
  }

  @AfterAll
  static void compare(TestInfo adapter) throws IOException {
    Matrix.check(Runs.libraries(adapter.getTestClass().orElseThrow()));
  }

  @BeforeParameterizedClassInvocation
  static void start(Run run) throws IOException {
    run.start();
  }

  @AfterParameterizedClassInvocation
  static void stop(Run run) throws IOException {
    run.stop();
  }

  Run run() {
    return run;
  }

  @Override
  public World world() {
    return run.world();
  }
}
