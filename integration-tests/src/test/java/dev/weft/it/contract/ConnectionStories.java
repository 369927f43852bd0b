package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static dev.weft.it.contract.Stories.failure;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import clients.Setup;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What becomes of connections, and of calls that are given up. */
interface ConnectionStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .service("reused", 1)
        .service("reused-pair", 2)
        .policy("ResiliencePolicy", "reused-pair", ResilienceStories.IN_TURN)
        .directService("unread")
        .directService("cancelled")
        .directService("cancelled-body")
        .service("tidy", 1);
  }

  @Test
  default void connectionsAreReused() throws Exception {
    for (Outcome outcome : get("http://reused/", 10)) {
      assertAnsweredBy("reused-0", outcome);
    }
    for (int i = 0; i < 5; i++) {
      send(Request.post("http://reused/", Body.bytes("order")));
      send(Request.post("http://reused/", Body.streamed("order")));
    }

    // A library may give a body out shortly before it takes the connection back.
    assertThat(backend("reused").accepted()).isBetween(1, 3);
  }

  @Test
  default void eachEndpointKeepsAConnectionOfItsOwn() throws Exception {
    Upstream pair = service("reused-pair");
    Stories.eventually(
        () -> {
          get("http://reused-pair/");
          assertThat(pair.backends()).noneMatch(backend -> backend.received().size() < 3);
        });

    assertThat(pair.backends()).allMatch(backend -> backend.accepted() == 1);
  }

  @Test
  default void bodiesThatNobodyReadsLeaveNoConnectionBehind() throws Exception {
    backend("unread").plays(Script.answer(200, "x".repeat(1 << 20)));
    Request request =
        Request.get(direct("unread", "/")).leavingTheBody().with(Setup.PLAIN.named("unread"));
    for (int i = 0; i < 20; i++) {
      assertThat(send(request).status()).isEqualTo(200);
    }

    // Those that are not closed may be used again; a few, as the next request may come too soon.
    Stories.eventually(() -> assertThat(backend("unread").open()).isLessThanOrEqualTo(4));
  }

  @Test
  default void aCancelledCallEndsAtTheServerToo() throws Exception {
    Backend silent = backend("cancelled").plays(Script.silence());
    Request request = Request.get(direct("cancelled", "/")).with(Setup.PLAIN.named("cancel"));
    Sent plain = world().startPlain(request);
    Stories.eventually(() -> assertThat(silent.received()).hasSize(1));
    plain.cancel();

    Sent sent = start(request);
    Stories.eventually(() -> assertThat(silent.received()).hasSize(2));
    sent.cancel();

    assertThat(failure(sent.outcome())).isNotEmpty().isEqualTo(failure(plain.outcome()));
    Stories.eventually(() -> assertThat(silent.open()).isZero());
    assertThat(silent.received()).hasSize(2);
  }

  @Test
  default void aCallThatIsCancelledWithinItsBodyEndsAtTheServerToo() throws Exception {
    Backend stopping =
        backend("cancelled-body")
            .plays(
                turn -> {
                  turn.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin");
                  turn.awaitEnd();
                });
    Sent sent =
        start(Request.get(direct("cancelled-body", "/")).with(Setup.PLAIN.named("cancel-body")));
    Stories.eventually(() -> assertThat(sent.bytes()).isEqualTo(5));

    sent.cancel();

    assertThat(sent.outcome().failures()).isNotEmpty();
    Stories.eventually(() -> assertThat(stopping.open()).isZero());
  }

  /** Idle connections may remember their last call, not more. */
  @Test
  default void callsThatHaveEndedAreForgotten() throws Exception {
    get("http://tidy/", 5);
    long before = exchanges();

    for (Outcome outcome : get("http://tidy/", 50)) {
      assertAnsweredBy("tidy-0", outcome);
    }

    Stories.eventually(() -> assertThat(exchanges()).isLessThanOrEqualTo(before + 2));
  }

  private long exchanges() throws IOException {
    return world().instancesOf("dev.weft.agent.traffic.OutboundExchange");
  }
}
