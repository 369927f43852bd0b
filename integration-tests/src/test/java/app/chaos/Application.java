package app.chaos;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** A service: asks those below it, and answers who took part. Thread-safe. */
final class Application {
  private static final int SUCCESS = 200;
  private static final int BAD_REQUEST = 400;
  private static final int BAD_GATEWAY = 502;

  private final String service;
  private final String instance;
  private final String version;
  private final List<String> below;
  private final Downstream downstream;
  private final Journal journal;
  private volatile Harm harm = Harm.NONE;

  /**
   * One instance.
   *
   * @param below the services that it asks, in order
   */
  Application(
      String service,
      String instance,
      String version,
      List<String> below,
      Downstream downstream,
      Journal journal) {
    this.service = service;
    this.instance = instance;
    this.version = version;
    this.below = below;
    this.downstream = downstream;
    this.journal = journal;
  }

  void suffer(Harm other) {
    harm = other;
  }

  Reply serve(Received in) {
    String call = in.header("x-call");
    String request = in.header("x-request");
    long execution = journal.executed(call, in.method(), in.header("x-policy"));
    if (!in.path().equals("/" + request) || !Arrays.equals(in.body(), expected(in, request))) {
      journal.wrong(call, "as it arrived: " + in.path() + ", body of " + in.body().length);
      return answer(call, execution, BAD_REQUEST, "cut or changed", Reply.Fate.SENT);
    }
    Harm now = harm;
    boolean suffers = ThreadLocalRandom.current().nextInt(100) < now.percent();
    Harm.Kind kind = suffers ? now.kind() : Harm.Kind.NONE;
    if (kind == Harm.Kind.SLOW) {
      pause(now.millis());
    } else if (kind == Harm.Kind.RESET) {
      return new Reply(0, "", Reply.Fate.NEVER_SENT);
    } else if (kind == Harm.Kind.BURST) {
      int status = ThreadLocalRandom.current().nextBoolean() ? 500 : 503;
      return answer(call, execution, status, "a bad day", Reply.Fate.SENT);
    }
    List<Hop> hops = new ArrayList<>();
    hops.add(new Hop(service, instance, version, in.method(), request, call));
    try {
      for (String other : below) {
        hops.addAll(downstream.call(other, in.method(), request, in.header("x-tester")));
      }
    } catch (Downstream.Failed e) {
      return answer(call, execution, BAD_GATEWAY, e.getMessage(), Reply.Fate.SENT);
    }
    Reply.Fate fate = kind == Harm.Kind.CUT ? Reply.Fate.CUT : Reply.Fate.SENT;
    return answer(call, execution, SUCCESS, Proof.answer(hops), fate);
  }

  private static byte[] expected(Received in, String request) {
    String body = in.method().equals("GET") ? "" : Proof.request(request);
    return body.getBytes(StandardCharsets.US_ASCII);
  }

  private Reply answer(String call, long execution, int status, String body, Reply.Fate fate) {
    journal.answered(call, execution, status);
    return new Reply(status, body, fate);
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
