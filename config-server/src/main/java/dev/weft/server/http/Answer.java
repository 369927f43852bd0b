package dev.weft.server.http;

import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What a resource answers. */
public sealed interface Answer {

  /**
   * A whole response.
   *
   * @param retryAfterSeconds when to try again; 0: nothing is said about it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Whole(int status, String contentType, byte[] body, long retryAfterSeconds)
      implements Answer {
    /** One that says nothing about trying again. */
    public Whole(int status, String contentType, byte[] body) {
      this(status, contentType, body, 0);
    }
  }

  /**
   * An endless response of lines, as long as the agent listens.
   *
   * @param until when it must end because the caller's certificate does; asked again and again
   */
  record Stream(Watch watch, Supplier<Instant> until) implements Answer {}

  /** 200 with a tree as JSON. */
  static Answer json(Object tree) {
    return new Whole(200, "application/json", Json.bytes(tree));
  }

  /** 200 with text. */
  static Answer text(String contentType, String text) {
    return new Whole(200, contentType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** 200 with bytes. */
  static Answer bytes(String contentType, byte[] bytes) {
    return new Whole(200, contentType, bytes);
  }

  /** 200 with a protobuf message. */
  static Answer protobuf(byte[] message) {
    return new Whole(200, "application/x-protobuf", message);
  }

  /** An error with its code and sentence. */
  static Whole refusal(Refusal refusal) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", refusal.code());
    error.put("message", refusal.message());
    return new Whole(
        refusal.kind().status(),
        "application/json",
        Json.bytes(Map.of("error", error)),
        refusal.retryAfterSeconds());
  }
}
