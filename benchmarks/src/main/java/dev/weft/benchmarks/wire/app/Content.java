package dev.weft.benchmarks.wire.app;

import java.nio.charset.StandardCharsets;

/** What travels: requests of 200 bytes, answers of 1 KB and of 8 MiB. */
public final class Content {
  /** The path of the small answer. */
  public static final String SMALL = "/small";

  /** The path of the large answer. */
  public static final String BULK = "/bulk";

  /** The length of the large answer. */
  public static final int BULK_BYTES = 8 << 20;

  /** In such pieces both servers write the large answer. */
  static final int PIECE_BYTES = 64 << 10;

  /** Fills a request's head up to 200 bytes. */
  static final String PAD_NAME = "X-Pad";

  private static final int SMALL_BYTES = 1024;
  private static final int REQUEST_BYTES = 200;

  private Content() {}

  /** One JSON document of 1 KB. */
  static byte[] json() {
    StringBuilder text = new StringBuilder("{\"items\":[");
    int item = 0;
    while (text.length() < SMALL_BYTES - 80) {
      text.append("{\"id\":").append(item++).append(",\"name\":\"item of a list\",\"ok\":true},");
    }
    text.append("{}],\"pad\":\"");
    text.append("x".repeat(SMALL_BYTES - text.length() - 2)).append("\"}");
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The padding that makes a request's head 200 bytes long.
   *
   * @param head the head without the padding header, its end included
   */
  static String pad(String head) {
    int left = REQUEST_BYTES - head.length() - PAD_NAME.length() - ": \r\n".length();
    return "x".repeat(Math.max(0, left));
  }
}
