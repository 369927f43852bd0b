package dev.weft.agent.balance;

/** How an attempt on an endpoint went. Immutable. */
public sealed interface Outcome {

  /** An answer, by its HTTP status. */
  record Response(int status) implements Outcome {}

  /**
   * An answer to a gRPC call, by its gRPC status (0 to 16); told in place of the HTTP status, which
   * is 200 for most failures.
   */
  record Grpc(int status) implements Outcome {}

  /** No answer. */
  enum Failure implements Outcome {
    /** Nobody accepted the connection, or its handshake failed. */
    CONNECT,
    /** The connection broke after something was sent. */
    RESET,
    /** The attempt took too long. */
    TIMEOUT,
    /** Another endpoint answered first; this one takes at least as long as that. */
    OUTRUN,
    /** The application gave up; says nothing of the endpoint. */
    GIVEN_UP
  }

  /** An outcome as outlier detection takes it. */
  enum Signal {
    SUCCESS,
    /** 5xx other than those of gateways. */
    ERROR,
    /** 502, 503, 504. */
    GATEWAY_ERROR,
    /** What this side noticed: no connection, a reset, no answer in time. */
    LOCAL_FAILURE,
    NOTHING
  }

  /** What it says of the endpoint. */
  default Signal signal() {
    if (this instanceof Response response) {
      return ofHttp(response.status());
    }
    if (this instanceof Grpc grpc) {
      return ofHttp(httpStatus(grpc.status()));
    }
    return this == Failure.GIVEN_UP || this == Failure.OUTRUN
        ? Signal.NOTHING
        : Signal.LOCAL_FAILURE;
  }

  /** Whether it took as long as the endpoint takes, so that its latency counts. */
  default boolean timed() {
    return !(this instanceof Failure) || this == Failure.TIMEOUT || this == Failure.OUTRUN;
  }

  /** Whether new requests had better go elsewhere at once. */
  default boolean broken() {
    return this == Failure.CONNECT || this == Failure.RESET;
  }

  private static Signal ofHttp(int status) {
    return switch (status) {
      case 502, 503, 504 -> Signal.GATEWAY_ERROR;
      default -> status >= 500 ? Signal.ERROR : Signal.SUCCESS;
    };
  }

  /** The HTTP status that Envoy takes for a gRPC status in its outlier detection. */
  private static int httpStatus(int grpc) {
    return switch (grpc) {
      case 2, 13, 15 -> 500; // unknown, internal, data loss
      case 4 -> 504; // deadline exceeded
      case 12 -> 501; // unimplemented
      case 14 -> 503; // unavailable
      default -> 200;
    };
  }
}
