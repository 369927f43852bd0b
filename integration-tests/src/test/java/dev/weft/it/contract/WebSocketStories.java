package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static dev.weft.it.contract.Stories.failure;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of WebSockets: the handshake is a request, what follows is the application's. */
interface WebSocketStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .service("socket", 1)
        .service("socket-upgraded", 1)
        .route(
            "socket",
            """
            - matches: [{headers: [{name: upgrade, value: websocket}]}]
              backendRefs: [{name: socket-upgraded, port: 80}]
            - backendRefs: [{name: socket, port: 80}]
            """)
        .service("socket-edited", 1)
        .route(
            "socket-edited",
            """
            - matches: [{path: {value: /chat}}]
              filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: {set: [{name: x-set, value: mesh}], remove: [x-removed]}
              - type: URLRewrite
                urlRewrite:
                  hostname: chat.example.com
                  path: {type: ReplaceFullPath, replaceFullPath: /rooms}
              backendRefs: [{name: socket-edited, port: 80}]
            """)
        .service("socket-refused", 2)
        .service("socket-repeated", 1)
        .route(
            "socket-repeated",
            """
            - backendRefs: [{name: socket-repeated, port: 80}]
              retry: {codes: [503], attempts: 2, backoff: 1ms}
            """)
        .service("socket-fault", 1)
        .policy(
            "FaultPolicy",
            "socket-fault",
            """
            matches: [{headers: [{name: x-chaos, value: "yes"}]}]
            abort: {percent: 100, httpStatus: 503}
            """)
        .service("socket-timeout", 1)
        .route(
            "socket-timeout",
            """
            - backendRefs: [{name: socket-timeout, port: 80}]
              timeouts: {request: 1s}
            """)
        .service("socket-counted", 1)
        .directService("socket-direct");
  }

  /** A socket on which a message is said, heard, and which is then closed. */
  private static Request opening(String uri) {
    return Request.get("ws://" + uri).with(Body.bytes("hello"));
  }

  private static void assertOpened(Outcome outcome) {
    assertThat(outcome.failures()).isEmpty();
    assertThat(outcome.status()).isEqualTo(101);
    assertThat(outcome.text()).isEqualTo("hello");
  }

  @Test
  default void aHandshakeIsRoutedAndMessagesFollow() throws Exception {
    backend("socket-upgraded").plays(WebSocketScript.echo());

    assertOpened(send(opening("socket/")));

    assertThat(backend("socket-upgraded").only().value("Host")).hasValue("socket");
    assertAnsweredBy("socket-0", get("http://socket/"));
  }

  @Test
  default void aHandshakeIsEditedAsAnyRequest() throws Exception {
    backend("socket-edited").plays(WebSocketScript.echo());

    assertOpened(send(opening("socket-edited/chat?room=1").header("x-removed", "1")));

    Received arrived = backend("socket-edited").only();
    assertThat(arrived.target()).isEqualTo("/rooms?room=1");
    assertThat(arrived.value("Host")).hasValue("chat.example.com");
    assertThat(arrived.values("x-set")).containsExactly("mesh");
    assertThat(arrived.values("x-removed")).isEmpty();
    assertThat(arrived.value("traceparent")).isPresent();
  }

  @Test
  default void whatNoRuleMatchesIsARefusedHandshake() throws Exception {
    backend("socket-direct").plays(Script.answer(403, "no"));
    Outcome refused = world().sendPlain(opening(directly("/")));

    Outcome outcome = send(opening("socket-edited/other"));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(outcome.status()).isEqualTo(404);
    assertThat(failure(outcome)).isNotEmpty().isEqualTo(failure(refused));
    assertThat(backend("socket-edited").received()).noneMatch(one -> one.target().equals("/other"));
  }

  @Test
  default void aFaultRefusesAHandshakeAndLeavesOthersAlone() throws Exception {
    backend("socket-fault").plays(WebSocketScript.echo());

    Outcome outcome = send(opening("socket-fault/").header("x-chaos", "yes"));

    assertThat(outcome.status()).isEqualTo(503);
    assertThat(outcome.failures()).isNotEmpty();
    assertOpened(send(opening("socket-fault/").header("x-chaos", "no")));
  }

  @Test
  default void aServersRefusalOfAHandshakeReachesTheApplication() throws Exception {
    backend("socket-direct").plays(Script.answer(403, "no"));

    Twins twins = both("socket-direct", opening(directly("/refused"))).failAlike();

    assertThat(twins.meshed().status()).isEqualTo(twins.plain().status()).isEqualTo(403);
    assertThat(twins.throughMesh()).hasSize(1);
  }

  @Test
  default void aSocketIsTheSameAsWithoutTheMesh() throws Exception {
    backend("socket-direct").plays(WebSocketScript.echo());
    Request large = opening(directly("/same")).with(Body.bytes("0123456789").times(6_000));

    Twins twins = both("socket-direct", large);

    assertThat(twins.meshed().failures()).isEmpty();
    assertThat(twins.meshed().length()).isEqualTo(twins.plain().length()).isEqualTo(60_000);
    assertThat(twins.meshed().digest()).isEqualTo(twins.plain().digest());
    assertThat(handshakes(twins.throughMesh())).isEqualTo(handshakes(twins.plainly())).hasSize(1);
  }

  /** Without the key, which is another each time. */
  private static List<String> handshakes(List<Received> requests) {
    return requests.stream()
        .map(one -> one.headWithoutTrace().replaceAll("(?im)^(sec-websocket-key): .*", "$1"))
        .toList();
  }

  @Test
  default void aHandshakeGoesElsewhereWhereNobodyListens() throws Exception {
    service("socket-refused").first().leaves();
    service("socket-refused").second().plays(WebSocketScript.echo());

    for (int i = 0; i < 4; i++) {
      assertOpened(send(opening("socket-refused/")));
    }
    assertThat(service("socket-refused").second().received()).hasSize(4);
  }

  @Test
  default void aHandshakeIsRepeatedWhereTheRuleSaysSo() throws Exception {
    backend("socket-repeated").playsInTurn(Script.answer(503, "busy"), WebSocketScript.echo());

    assertOpened(send(opening("socket-repeated/")));

    assertThat(backend("socket-repeated").received()).hasSize(2);
    Stories.eventually(() -> assertThat(backend("socket-repeated").open()).isZero());
  }

  @Test
  default void aRequestTimeoutEndsAHandshakeAndNoOpenSocket() throws Exception {
    Backend backend = backend("socket-timeout").plays(WebSocketScript.echo());
    Stories.eventually(() -> assertOpened(send(opening("socket-timeout/warm"))));
    int before = backend.received().size();
    Gate gate = new Gate();
    backend.playsInTurn(new WebSocketScript(gate), Script.silence());
    Sent open = start(opening("socket-timeout/open"));
    Stories.eventually(() -> assertThat(backend.received()).hasSize(before + 1));

    // It begins later, and so ends when the other's time is over, too.
    Outcome late = send(opening("socket-timeout/late"));
    gate.open();

    assertThat(late.failures()).isNotEmpty();
    assertThat(late.status()).isZero();
    assertOpened(open.outcome());
    Stories.eventually(() -> assertThat(backend.open()).isZero());
  }

  @Test
  default void aSocketIsCountedOnceWithItsHandshake() throws Exception {
    backend("socket-counted").plays(WebSocketScript.echo());
    for (int i = 0; i < 3; i++) {
      assertOpened(send(opening("socket-counted/")));
    }

    Stories.eventually(
        () ->
            assertThat(
                    world()
                        .collector()
                        .count(
                            "istio_requests_total",
                            List.of(
                                "destination_service_name=socket-counted",
                                "response_code=101",
                                "response_flags=-")))
                .isEqualTo(3));
  }

  private String directly(String path) {
    return direct("socket-direct", path).substring("http://".length());
  }
}
