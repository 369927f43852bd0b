package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import clients.Setup;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the mesh leaves as it is: everything that no policy speaks of. */
interface FidelityStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .directService("heads")
        .directService("bodies")
        .directService("paths")
        .directService("answers")
        .directService("odd")
        .directService("streamed")
        .directService("cookies")
        .directService("own-redirect")
        .service("own-redirect-target", 1)
        .service("proxied", 1)
        .service("proxy", 1)
        .directService("upgrade")
        .secureService("secure");
  }

  @Test
  default void headersArriveAsTheyDoWithoutTheMesh() throws Exception {
    Request request =
        Request.get(direct("heads", "/"))
            .header("X-MiXed-CaSe", "one")
            .header("x-lower", "two")
            .header("X-Twice", "first")
            .header("X-Twice", "second")
            .header("X-Empty", "")
            .header("X_under.score~", "three")
            .header("User-Agent", "own/1.0")
            .header("Accept", "text/odd;q=0.5, */*;q=0.1")
            .header("Authorization", "Bearer token");

    both("heads", request).arriveAlike();
  }

  @Test
  default void defaultHeadersArriveAsTheyDoWithoutTheMesh() throws Exception {
    both("heads", Request.get(direct("heads", "/"))).arriveAlike().areEqual();
    both("heads", Request.of("DELETE", direct("heads", "/"))).arriveAlike();
    both("heads", Request.of("OPTIONS", direct("heads", "/"))).arriveAlike();
  }

  @Test
  default void bodiesArriveAsTheyDoWithoutTheMesh() throws Exception {
    String uri = direct("bodies", "/");
    both("bodies", Request.post(uri, Body.bytes("order"))).arriveAlike();
    both("bodies", Request.post(uri, Body.bytes("order").times(100_000))).arriveAlike();
    both("bodies", Request.post(uri, Body.streamed("order").times(1_000))).arriveAlike();
    both("bodies", Request.of("PUT", uri).with(Body.bytes(""))).arriveAlike();
  }

  @Test
  default void pathsArriveAsTheyWereWritten() throws Exception {
    for (String path :
        List.of("/a%2Fb", "/%7Euser/~user", "/a//b/../c", "/?x=%20+y&x=%2B", "/;p=1?q", "/%E4")) {
      both("paths", Request.get(direct("paths", path))).arriveAlike();
    }
  }

  @Test
  default void theHostIsTheOneThatTheApplicationCalled() throws Exception {
    get("http://proxied/host");

    assertThat(backend("proxied").received())
        .filteredOn(one -> one.target().equals("/host"))
        .allMatch(one -> one.values("host").equals(List.of("proxied")));
  }

  @Test
  default void responseHeadersKeepTheirCaseAndOrder() throws Exception {
    backend("answers")
        .plays(
            Script.answer(
                200,
                "body",
                "X-MiXed",
                "1",
                "x-lower",
                "2",
                "Set-Cookie",
                "a=b",
                "Set-Cookie",
                "c=d; Path=/",
                "X-Empty",
                "",
                "ETag",
                "\"x\""));

    both("answers", Request.get(direct("answers", "/"))).areEqual();
  }

  @Test
  default void everyStatusReachesTheApplication() throws Exception {
    for (int status : List.of(201, 204, 304, 400, 404, 410, 429, 500, 502, 503, 504)) {
      backend("answers").plays(Script.answer(status, "said " + status));

      both("answers", Request.get(direct("answers", "/" + status))).areEqual().arriveAlike();
    }
  }

  @Test
  default void aLargeBodyIsTheSame() throws Exception {
    String large = "0123456789abcdef".repeat(256 << 10);
    backend("answers").plays(Script.answer(200, large));

    Twins twins = both("answers", Request.get(direct("answers", "/large"))).areEqual();

    assertThat(twins.meshed().length()).isEqualTo(4 << 20);
  }

  @Test
  default void aHeadHasItsLengthAndNoBody() throws Exception {
    backend("answers").plays(Script.answer(200, "body"));

    Twins twins =
        both("answers", Request.of("HEAD", direct("answers", "/"))).areEqual().arriveAlike();

    assertThat(twins.meshed().value("content-length")).hasValue("4");
  }

  @Test
  default void aResponseReachesTheApplicationAsItIsWritten() throws Exception {
    Gate gate = new Gate();
    backend("streamed")
        .plays(
            turn -> {
              turn.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
              gate.pass();
              turn.send("6\r\nsecond\r\n0\r\n\r\n");
            });

    Sent sent = start(Request.get(direct("streamed", "/")));
    Stories.eventually(() -> assertThat(sent.bytes()).isEqualTo(5));
    assertThat(sent.ended()).isFalse();
    gate.open();

    assertThat(sent.outcome().text()).isEqualTo("firstsecond");
  }

  @Test
  default void oddAnswersMeanTheSame() throws Exception {
    for (String odd :
        List.of(
            "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 299 Quite \u00e9trange\r\nContent-Length:2\r\nX_odd.name~: \t v \t\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2;ext=\"a b\";x\r\nok\r\n0;last\r\nX-Trailer: t\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0002\r\nok\r\n000\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nUpgrade: TLS/1.2\r\n\r\nok")) {
      backend("odd").plays(Script.raw(odd));

      both("odd", Request.get(direct("odd", "/")).with(Setup.PLAIN.named(odd))).areEqual();
    }
  }

  @Test
  default void answersWithoutLengthEndWithTheirConnection() throws Exception {
    for (String odd :
        List.of(
            "HTTP/1.0 200 OK\r\n\r\nuntil the end",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\n\r\nuntil the end",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")) {
      backend("odd").plays(Script.rawThenClose(odd));

      both("odd", Request.get(direct("odd", "/")).with(Setup.PLAIN.named(odd))).areEqual();
    }
  }

  @Test
  default void informationalResponsesMeanTheSame() throws Exception {
    backend("odd")
        .plays(
            Script.raw(
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));

    both("odd", Request.get(direct("odd", "/")).with(Setup.PLAIN.named("1xx"))).areEqual();
  }

  @Test
  default void brokenAnswersAreTheLibrarysOwnErrors() throws Exception {
    for (String broken :
        List.of(
            "SSH-2.0-OpenSSH_9.9\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n")) {
      backend("odd").plays(Script.rawThenClose(broken));

      Twins twins =
          both(
              "odd",
              Request.post(direct("odd", "/"), Body.bytes("x")).with(Setup.PLAIN.named(broken)));

      assertThat(Stories.failure(twins.meshed()))
          .as(broken)
          .isEqualTo(Stories.failure(twins.plain()));
      if (Stories.failure(twins.plain()).isEmpty()) {
        // a body that breaks at once may fail the call before the library has shown its head
        assertThat(twins.meshed().status()).isEqualTo(twins.plain().status());
      }
    }
  }

  @Test
  default void cookiesComeBack() throws Exception {
    backend("cookies").plays(Script.answer(200, "", "Set-Cookie", "basket=17; Path=/"));
    Request request =
        Request.get(direct("cookies", "/")).with(Setup.PLAIN.named("cookies").keepingCookies());

    both("cookies", request);
    Twins second = both("cookies", request).arriveAlike();

    assertThat(second.throughMesh().get(0).values("cookie")).hasSize(1);
    assertThat(second.throughMesh().get(0).values("cookie").get(0)).contains("basket=17");
  }

  @Test
  default void aRedirectOfTheServerIsFollowed() throws Exception {
    backend("own-redirect")
        .plays(
            turn -> {
              if (turn.request().target().equals("/from")) {
                turn.answer(302, "", "Location", "/to?x=y");
              } else {
                turn.answer(200, "arrived");
              }
            });
    Setup following = Setup.PLAIN.followingRedirects();

    Twins twins =
        both("own-redirect", Request.get(direct("own-redirect", "/from")).with(following))
            .areEqual()
            .arriveAlike();

    assertThat(twins.meshed().text()).isEqualTo("arrived");
  }

  @Test
  default void aRedirectToAnotherServiceIsFollowed() throws Exception {
    Backend first = backend("own-redirect");
    first.plays(Script.answer(302, "", "Location", "http://own-redirect-target/to"));
    Setup following = Setup.PLAIN.followingRedirects();

    Outcome outcome = send(Request.get(direct("own-redirect", "/from")).with(following));

    assertAnsweredBy("own-redirect-target-0", outcome);
    assertThat(backend("own-redirect-target").only().value("host")).hasValue("own-redirect-target");
  }

  @Test
  default void aRedirectThatIsNotFollowedIsShown() throws Exception {
    backend("own-redirect").plays(Script.answer(302, "see", "Location", "/to"));

    both("own-redirect", Request.get(direct("own-redirect", "/from"))).areEqual().arriveAlike();
  }

  @Test
  default void aProxyOfTheApplicationGetsTheRequestUntouched() throws Exception {
    Backend proxy = backend("proxy").plays(Script.answer(200, "by proxy"));
    Request request =
        Request.get("http://proxied/x?y").with(Setup.PLAIN.through(proxy.hostAndPort()));
    Outcome plain = world().sendPlain(request);

    Outcome outcome = send(request);

    assertThat(outcome.headers()).isEqualTo(plain.headers());
    assertThat(outcome.text()).isEqualTo("by proxy");
    assertThat(proxy.received()).hasSize(2);
    assertThat(proxy.received().get(1).head()).isEqualTo(proxy.received().get(0).head());
    assertThat(proxy.received().get(1).line()).isEqualTo("GET http://proxied/x?y HTTP/1.1");
  }

  @Test
  default void httpsOfTheApplicationPasses() throws Exception {
    Outcome outcome = get("https://secure/");

    assertAnsweredBy("secure-0", outcome);
    assertThat(backend("secure").only().value("host")).hasValue("secure");
  }

  @Test
  default void anOfferOfHttp2IsNotLostAndHarmsNobody() throws Exception {
    Request request =
        Request.get(direct("upgrade", "/")).with(Setup.PLAIN.named("h2").offeringHttp2());

    both("upgrade", request).areEqual().arriveAlike();
  }

  @Test
  default void hostsOutsideTheMeshAreNotTouched() throws Exception {
    String uri = "http://localhost:" + backend("heads").port() + "/outside";
    Backend backend = backend("heads");
    world().sendPlain(Request.get(uri));
    String plain = backend.received().get(backend.received().size() - 1).head();

    get(uri);

    assertThat(backend.received().get(backend.received().size() - 1).head()).isEqualTo(plain);
  }
}
