package dev.weft.it.contract;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A request as it arrived. Immutable.
 *
 * @param connection counts the connections of its backend, from 1
 * @param head all lines up to the empty one, each with its end
 * @param body without chunk framing
 */
record Received(int connection, String head, byte[] body) {
  /** The first line. */
  String line() {
    return head.substring(0, head.indexOf("\r\n"));
  }

  String method() {
    return line().split(" ")[0];
  }

  /** What stands between method and version. */
  String target() {
    return line().split(" ")[1];
  }

  /** The lines below the first. */
  List<String> headers() {
    return Arrays.stream(head.split("\r\n")).skip(1).toList();
  }

  /** The values of a header, in order. */
  List<String> values(String name) {
    return headers().stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }

  /** The first value of a header. */
  Optional<String> value(String name) {
    return values(name).stream().findFirst();
  }

  /** The head without the lines that continue a trace. */
  String headWithoutTrace() {
    return head.replaceAll("(?im)^(traceparent|tracestate|baggage):.*\r\n", "");
  }

  /** The body as text. */
  String text() {
    return new String(body, StandardCharsets.ISO_8859_1);
  }
}
