package dev.weft.server.api;

import dev.weft.policy.part.HeldParts;
import dev.weft.server.authority.Svid;
import dev.weft.server.distribution.Distribution;
import dev.weft.server.distribution.Held;
import dev.weft.server.distribution.Line;
import dev.weft.server.distribution.Subscriber;
import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Request;
import dev.weft.server.http.Routes;
import dev.weft.server.http.Watch;
import dev.weft.server.limit.StreamGate;
import dev.weft.server.limit.Traffic;
import dev.weft.server.policy.Generation;
import dev.weft.server.protocol.DrainRequest;
import dev.weft.server.protocol.EnrollRequest;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.protocol.RenewRequest;
import dev.weft.server.protocol.ReportRequest;
import dev.weft.server.protocol.WantRequest;
import dev.weft.server.protocol.WatchRequest;
import dev.weft.server.registry.Registration;
import dev.weft.server.registry.Registry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The protocol between agents and server; docs/protocol.md has it in prose. Thread-safe. */
public final class AgentApi {
  private static final int MAX_REQUEST = 64 << 10;

  /** With the hashes of what the agent holds. */
  private static final int MAX_WATCH = 1 << 20;

  private static final int MAX_REPORT = 256 << 10;
  private static final int MAX_OTLP = 4 << 20;
  private static final int MAX_OTLP_UNZIPPED = 16 << 20;

  private final Mesh mesh;
  private final StreamGate streams = StreamGate.usual();

  /** Answers for a mesh. */
  public AgentApi(Mesh mesh) {
    this.mesh = mesh;
  }

  /** Adds its resources. */
  public void addTo(Routes.Builder routes) {
    routes
        .post("/v1/enroll", Caller.ANYONE, Traffic.ENROLL, MAX_REQUEST, this::enroll)
        .post("/v1/renew", Caller.AGENT, MAX_REQUEST, this::renew)
        .post("/v1/watch", Caller.AGENT, MAX_WATCH, this::watch)
        .post("/v1/want", Caller.AGENT, MAX_REQUEST, this::want)
        .post("/v1/report", Caller.AGENT, MAX_REPORT, this::report)
        .post("/v1/drain", Caller.AGENT, MAX_REQUEST, this::drain)
        .post("/v1/traces", Caller.AGENT, Traffic.TELEMETRY, MAX_OTLP, this::traces)
        .post("/v1/metrics", Caller.AGENT, Traffic.TELEMETRY, MAX_OTLP, this::metrics)
        .post("/v1/logs", Caller.AGENT, Traffic.TELEMETRY, MAX_OTLP, this::logs);
  }

  private Answer enroll(Request request) throws IOException, Refusal {
    EnrollRequest enroll = Json.record(Json.object(request.body()), EnrollRequest.class);
    return Answer.json(mesh.enrollment().enroll(enroll, request.remoteAddress()));
  }

  private Answer renew(Request request) throws Refusal {
    RenewRequest renew = Json.record(Json.object(request.body()), RenewRequest.class);
    return Answer.json(mesh.enrollment().renew(renew, request.agent(), request.remoteAddress()));
  }

  private Answer watch(Request request) throws Refusal {
    Duration turn = streams.admit();
    if (!turn.isZero()) {
      throw Refusal.overloaded(
          "overloaded", "Too many agents come at once; each has its turn.", turn);
    }
    WatchRequest watch = Json.record(Json.object(request.body()), WatchRequest.class);
    Svid svid = request.agent();
    WatchRequest.Claim claim = watch.workload();
    String service =
        mesh.enrollment().grants().admit(svid.spiffeId(), claim.service(), claim.labels());
    Registration registration =
        Registration.of(watch.as(service), svid, request.remoteAddress(), mesh.clock().instant());
    UUID instance = registration.instance();
    Held held = held(watch);
    mesh.seen(held.policy()); // first, or a compilation could begin for it with a number of before
    Registry.Stream hold = mesh.registry().open(registration);
    return new Answer.Stream(
        new Watch() {
          @Override
          public void started(Subscriber stream) {
            mesh.distribution().subscribe(instance, held, stream);
          }

          @Override
          public @Nullable Line next(Subscriber stream) {
            return mesh.distribution().next(instance, stream);
          }

          @Override
          public void ended(Registry.End how, Subscriber stream) {
            mesh.distribution().unsubscribe(instance, stream);
            hold.end(how);
          }
        },
        () -> mesh.registry().certifiedUntil(instance));
  }

  private static Held held(WatchRequest watch) throws Refusal {
    if (watch.want().size() > Distribution.MAX_WANTED) {
      throw tooManyWants();
    }
    try {
      return new Held(
          watch.protocol(),
          watch.version().orElse(""),
          HeldParts.parseHashes(watch.held().orElse("")),
          List.copyOf(watch.want()),
          watch
              .policy()
              .map(seen -> new Generation(seen.epoch(), seen.generation()))
              .orElse(Generation.NONE));
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-request", "The request does not fit: held: " + e.getMessage());
    }
  }

  /** The services go over the watch stream, so that an agent hears of policy in one place only. */
  private Answer want(Request request) throws Refusal {
    WantRequest want = Json.record(Json.object(request.body()), WantRequest.class);
    UUID instance = Registration.instance(want.instance());
    Registration registration = mesh.registry().require(instance, request.agent());
    if (!mesh.distribution().want(instance, registration.workload(), want.services())) {
      throw tooManyWants();
    }
    return Answer.json(Map.of());
  }

  private static Refusal tooManyWants() {
    return new Refusal(
        Kind.TOO_MANY,
        "too-many-wants",
        "An agent may ask for at most " + Distribution.MAX_WANTED + " services.");
  }

  private Answer report(Request request) throws Refusal {
    Map<String, Object> tree = Json.object(request.body());
    ReportRequest report = Json.record(tree, ReportRequest.class);
    UUID instance = Registration.instance(report.instance());
    Svid svid = request.agent();
    Registry.Told told =
        new Registry.Told(
            Registration.ports(report.listening()),
            Registration.protocols(report.protocols()),
            Registration.readiness(report.readiness()));
    mesh.registry().report(instance, svid, told);
    mesh.suspicions().complain(svid.spiffeId().toString(), report.unreachable());
    mesh.distribution().report(instance, report, status(tree.get("status")));
    return Answer.json(Map.of());
  }

  /** Asked again until nobody is left to wait for: so no worker of ours has to. */
  private Answer drain(Request request) throws Refusal {
    DrainRequest drain = Json.record(Json.object(request.body()), DrainRequest.class);
    UUID instance = Registration.instance(drain.instance());
    mesh.registry().drain(instance, request.agent());
    return Answer.json(Map.of("waitingFor", mesh.distribution().behind(instance)));
  }

  private static Map<String, Object> status(@Nullable Object tree) throws Refusal {
    Map<String, Object> status = new LinkedHashMap<>();
    if (tree instanceof Map<?, ?> map) {
      map.forEach((key, value) -> status.put(String.valueOf(key), value));
    } else if (tree != null) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-request", "The request does not fit: status is no object.");
    }
    return status;
  }

  private Answer traces(Request request) throws Refusal {
    return Answer.protobuf(mesh.receiver().traces(otlp(request), request.agent().spiffeId()));
  }

  private Answer metrics(Request request) throws Refusal {
    return Answer.protobuf(mesh.receiver().metrics(otlp(request), request.agent().spiffeId()));
  }

  private Answer logs(Request request) throws Refusal {
    return Answer.protobuf(mesh.receiver().logs(otlp(request), request.agent().spiffeId()));
  }

  private static byte[] otlp(Request request) throws Refusal {
    String type = request.header("content-type", "");
    if (!type.startsWith("application/x-protobuf")) {
      throw new Refusal(
          Kind.UNSUPPORTED_TYPE,
          "content-type",
          "Expected application/x-protobuf, found \"" + type + "\".");
    }
    String encoding = request.header("content-encoding", "identity");
    if (encoding.equals("identity")) {
      return request.body();
    }
    if (!encoding.equals("gzip")) {
      throw new Refusal(
          Kind.UNSUPPORTED_TYPE,
          "content-encoding",
          "Expected gzip or identity, found \"" + encoding + "\".");
    }
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
      byte[] plain = gzip.readNBytes(MAX_OTLP_UNZIPPED + 1);
      if (plain.length > MAX_OTLP_UNZIPPED) {
        throw new Refusal(
            Kind.TOO_LARGE,
            "body-too-large",
            "The unzipped body may have at most " + MAX_OTLP_UNZIPPED + " bytes.");
      }
      return plain;
    } catch (IOException e) {
      throw new Refusal(Kind.BAD_REQUEST, "bad-gzip", "The body is not gzip: " + e.getMessage());
    }
  }
}
