package dev.weft.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every story, against every library, at each of its versions, on each JDK. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.weft.it.contract.Libraries#runs")
@ExtendWith(Judge.class)
class ClientContractIT
    implements RoutingStories,
        FilterStories,
        TimeoutStories,
        RetryStories,
        ResilienceStories,
        FidelityStories,
        ConnectionStories,
        ObservationStories {
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
  }

  @BeforeAll
  static void forget() throws IOException {
    Matrix.clear();
    Set<String> stories =
        Arrays.stream(ClientContractIT.class.getMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .map(Method::getName)
            .collect(Collectors.toSet());
    for (Library library : Libraries.all()) {
      assertThat(stories).as("gaps of %s", library.name()).containsAll(library.gaps().keySet());
    }
  }

  @AfterAll
  static void compare() throws IOException {
    Matrix.check();
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
