package dev.weft.it;

import dev.weft.server.demo.Child;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** Whose threads carry out what a limit of policy asks for. */
@OnEachJdk
class TimeLimitsIT {
  private static final String SLOW =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: slow}
      spec:
        ports: [{name: main, port: 80, appProtocol: http}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: slow
        labels: {kubernetes.io/service-name: slow}
      addressType: IPv4
      ports: [{name: main, port: %d}]
      endpoints: [{addresses: [127.0.0.1]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: slow}
      spec:
        parentRefs: [{group: "", kind: Service, name: slow}]
        rules:
          - backendRefs: [{name: slow, port: 80}]
            timeouts: {request: 300ms}
      """;

  @Parameter private Jdk jdk;

  @Test
  void threadsOfTheApplicationStayTheApplications() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      LoneWorkload workload = LoneWorkload.of("time-limits", jdk);
      Files.writeString(
          workload.folder().resolve("policy/slow.yaml"), SLOW.formatted(deaf.getLocalPort()));

      Child program =
          workload.play(
              "TimeLimits", jdk, "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4");

      LoneWorkload.assertHeld(program);
    }
  }
}
