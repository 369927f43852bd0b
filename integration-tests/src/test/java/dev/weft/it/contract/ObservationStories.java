package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told about requests. */
interface ObservationStories extends Stories {
  String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  String PARENT = "00f067aa0ba902b7";

  static void declare(Declarations policy) throws IOException {
    policy
        .service("traced", 1)
        .service("spanned", 1)
        .service("spanned-retry", 2)
        .service("counted", 1)
        .service("counted-none", 0)
        .service("counted-failed", 1);
  }

  @Test
  default void aRequestBeginsATrace() throws Exception {
    get("http://traced/begin");

    assertThat(arrived("/begin").value("traceparent"))
        .get()
        .asString()
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-9a-f]");
  }

  @Test
  default void aTraceOfTheApplicationGoesOn() throws Exception {
    send(
        Request.get("http://traced/on")
            .header("traceparent", "00-" + TRACE + "-" + PARENT + "-01")
            .header("tracestate", "own=1"));

    Received arrived = arrived("/on");
    assertThat(arrived.values("traceparent")).hasSize(1);
    assertThat(arrived.value("traceparent").orElseThrow())
        .startsWith("00-" + TRACE + "-")
        .endsWith("-01")
        .doesNotContain(PARENT);
    assertThat(arrived.values("tracestate")).containsExactly("own=1");
  }

  @Test
  default void aSpanTellsWhatBecameOfTheRequest() throws Exception {
    String trace = "1".repeat(32);
    send(
        Request.get("http://spanned/x?y")
            .header("traceparent", "00-" + trace + "-" + PARENT + "-01"));

    Map<String, String> span = span(trace);
    assertThat(span)
        .containsEntry("kind", "SPAN_KIND_CLIENT")
        .containsEntry("parent", PARENT)
        .containsEntry("http.request.method", "GET")
        .containsEntry("server.address", "spanned")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("network.peer.port", String.valueOf(backend("spanned").port()));
    assertThat(backend("spanned").only().value("traceparent"))
        .hasValue("00-" + trace + "-" + span.get("id") + "-01");
  }

  @Test
  default void aSpanTellsHowOftenTheRequestWasRepeated() throws Exception {
    service("spanned-retry").first().plays(Script.close());
    Stories.eventually(
        () -> {
          send(
              Request.get("http://spanned-retry/")
                  .header("traceparent", "00-" + "2".repeat(32) + "-" + PARENT + "-01"));
          assertThat(world().collector().spans("2".repeat(32)))
              .anyMatch(span -> "1".equals(span.get("http.request.resend_count")));
        });
  }

  @Test
  default void everyRequestIsCounted() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertAnsweredBy("counted-0", get("http://counted/"));
    }

    Stories.eventually(
        () -> {
          assertThat(
                  count(
                      "http.client.request.duration",
                      "server.address=counted",
                      "http.response.status_code=200"))
              .isEqualTo(5);
          assertThat(
                  count(
                      "istio_requests_total",
                      "destination_service_name=counted",
                      "response_code=200",
                      "response_flags=-"))
              .isEqualTo(5);
        });
  }

  @Test
  default void anAnswerOfTheMeshIsCountedWithItsReason() throws Exception {
    get("http://counted-none/", 2);

    Stories.eventually(
        () ->
            assertThat(
                    count(
                        "istio_requests_total",
                        "destination_service_name=counted-none",
                        "response_code=503",
                        "response_flags=UH"))
                .isEqualTo(2));
  }

  @Test
  default void aFailureIsCountedWithItsReason() throws Exception {
    backend("counted-failed").leaves();
    get("http://counted-failed/");

    Stories.eventually(
        () ->
            assertThat(
                    count(
                        "istio_requests_total",
                        "destination_service_name=counted-failed",
                        "response_code=0"))
                .isEqualTo(1));
  }

  private long count(String metric, String... labels) {
    return world().collector().count(metric, List.of(labels));
  }

  private Map<String, String> span(String trace) {
    Stories.eventually(() -> assertThat(world().collector().spans(trace)).hasSize(1));
    return world().collector().spans(trace).get(0);
  }

  private Received arrived(String target) {
    return backend("traced").received().stream()
        .filter(one -> one.target().equals(target))
        .findFirst()
        .orElseThrow();
  }
}
