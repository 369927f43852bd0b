package dev.weft.server.http;

import dev.weft.server.authority.Svid;
import dev.weft.server.limit.Limits;
import dev.weft.server.operator.Operator;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** One request from its head to its answer. Confined to the connection's event loop. */
final class Exchange {
  private final long begun = System.nanoTime();
  private final Limits limits;
  private final Remote remote;
  private Gate.@Nullable Goal goal;
  private Gate.@Nullable Identified identified;
  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private long held;

  Exchange(Limits limits, Remote remote) {
    this.limits = limits;
    this.remote = remote;
  }

  void found(Gate.Goal where) {
    goal = where;
  }

  void identified(Gate.Identified request) {
    identified = request;
    body = new ByteArrayOutputStream();
  }

  /** Null while it is not known. */
  @Nullable Route route() {
    return goal == null ? null : goal.match().route();
  }

  /** Takes a piece of the body. */
  void add(ByteBuf bytes, Route route) throws Refusal {
    int length = bytes.readableBytes();
    if (body.size() + length > route.maxBody()) {
      throw tooLarge(route);
    }
    if (length > 0) {
      limits.hold(route.traffic(), length);
      held += length;
      byte[] piece = new byte[length];
      bytes.readBytes(piece);
      body.writeBytes(piece);
    }
  }

  static Refusal tooLarge(Route route) {
    return new Refusal(
        Kind.TOO_LARGE,
        "body-too-large",
        "The body may have at most " + route.maxBody() + " bytes.");
  }

  /** The whole of it, once the body is complete. */
  Request request(Gate.Identified complete) {
    Request request =
        new Request(
            complete.goal().match().path(),
            complete.goal().query(),
            complete.headers(),
            body.toByteArray(),
            complete.svid(),
            complete.operator(),
            remote.address(),
            new Notes());
    body = new ByteArrayOutputStream(0);
    return request;
  }

  /** Gives the body's memory back. */
  void release() {
    Route route = route();
    if (route != null && held > 0) {
      limits.free(route.traffic(), held);
      held = 0;
    }
    body = new ByteArrayOutputStream(0);
  }

  long nanos() {
    return System.nanoTime() - begun;
  }

  /** Stable words for the log: who asked for what. */
  String trace() {
    StringBuilder text = new StringBuilder("from=").append(remote.address());
    Route route = route();
    if (route != null) {
      text.append(" method=").append(route.method()).append(" path=").append(route.path());
    }
    Gate.Identified known = identified;
    if (known != null) {
      known.svid().map(Svid::spiffeId).ifPresent(id -> text.append(" id=").append(id));
      known
          .operator()
          .map(Operator::name)
          .ifPresent(name -> text.append(" operator=").append(name));
    }
    return text.toString();
  }
}
