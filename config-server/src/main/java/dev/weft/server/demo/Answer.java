package dev.weft.server.demo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the shop's client got for one request. Immutable.
 *
 * @param status HTTP status; 0: no response
 * @param reason the response's {@code x-weft-reason}; empty: none
 * @param body body, or the error's text
 * @param receivedNanos {@link System#nanoTime} when it was read here
 */
public record Answer(int status, String reason, String body, long receivedNanos) {
  private static final Pattern VERSION = Pattern.compile("\"version\":\"([^\"]*)\"");
  private static final Pattern INSTANCE = Pattern.compile("\"instance\":\"([^\"]*)\"");
  private static final Pattern CANARY = Pattern.compile("\"canary\":\"([^\"]*)\"");

  /** Whether it is a 200. */
  public boolean ok() {
    return status == 200;
  }

  /** The version of pay that was paid; empty: none. */
  public String version() {
    return first(VERSION);
  }

  /** The instance of pay that was paid; empty: none. */
  public String instance() {
    return first(INSTANCE);
  }

  /** The header {@code x-canary} that pay saw; empty: none. */
  public String canary() {
    return first(CANARY);
  }

  private String first(Pattern pattern) {
    Matcher matcher = pattern.matcher(body);
    return matcher.find() ? matcher.group(1) : "";
  }
}
