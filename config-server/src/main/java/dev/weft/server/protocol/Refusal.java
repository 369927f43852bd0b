package dev.weft.server.protocol;

import java.time.Duration;

/**
 * A request that gets no for an answer. Whoever asked sees the code and the message; the server
 * stays well.
 */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose fault it is, as an HTTP status. */
  public enum Kind {
    /** The request cannot be understood. */
    BAD_REQUEST(400),
    /** The caller did not prove who it is. */
    UNAUTHENTICATED(401),
    /** The caller is known and may not. */
    FORBIDDEN(403),
    /** There is no such thing. */
    NOT_FOUND(404),
    /** There is such a thing, and it answers to another method. */
    WRONG_METHOD(405),
    /** The request took too long to arrive. */
    TOO_SLOW(408),
    /** It contradicts what the server knows. */
    CONFLICT(409),
    /** The body is larger than this request may be. */
    TOO_LARGE(413),
    /** The body is of a type that nobody here reads. */
    UNSUPPORTED_TYPE(415),
    /** Too many tries; again after a while. */
    TOO_MANY(429),
    /** A defect of the server. */
    INTERNAL(500),
    /** Too much to do; again in a second. */
    OVERLOADED(503);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }
  }

  private static final Duration SHORTLY = Duration.ofSeconds(1);

  private final Kind kind;
  private final String code;
  private final Duration retryAfter;

  /**
   * A refusal.
   *
   * @param code stable, for programs: {@code token-used}
   * @param message one sentence for people
   */
  public Refusal(Kind kind, String code, String message) {
    this(kind, code, message, SHORTLY);
  }

  private Refusal(Kind kind, String code, String message, Duration retryAfter) {
    super(message, null, false, false);
    this.kind = kind;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** {@link Kind#TOO_MANY} of one caller, which may try again after a while. */
  public static Refusal tooMany(String code, String message, Duration retryAfter) {
    return new Refusal(Kind.TOO_MANY, code, message, retryAfter);
  }

  /** {@link Kind#OVERLOADED}, with the time after which it will have passed for this caller. */
  public static Refusal overloaded(String code, String message, Duration retryAfter) {
    return new Refusal(Kind.OVERLOADED, code, message, retryAfter);
  }

  /** Seconds after which trying again makes sense, at least 1; 0: it makes none. */
  public long retryAfterSeconds() {
    return kind == Kind.TOO_MANY || kind == Kind.OVERLOADED
        ? Math.max(1, retryAfter.plusMillis(999).toSeconds())
        : 0;
  }

  /** Whose fault it is. */
  public Kind kind() {
    return kind;
  }

  /** Stable, for programs. */
  public String code() {
    return code;
  }

  /** One sentence for people. */
  public String message() {
    return String.valueOf(getMessage());
  }
}
