package clients;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/**
 * A request's body.
 *
 * @param kind how the library gets it
 * @param text one piece of it, ASCII
 * @param times how often the piece comes
 */
public record Body(Kind kind, String text, int times) implements Serializable {
  /** How the library gets a body. */
  public enum Kind {
    /** There is none. */
    NONE,
    /** All at once, so that the library knows the length and can send it again. */
    BYTES,
    /** From a stream of unknown length, which can be read once. */
    STREAMED
  }

  /** No body. */
  public static Body none() {
    return new Body(Kind.NONE, "", 0);
  }

  /** A body at hand. */
  public static Body bytes(String text) {
    return new Body(Kind.BYTES, text, 1);
  }

  /** A body that is read as it is sent. */
  public static Body streamed(String text) {
    return new Body(Kind.STREAMED, text, 1);
  }

  /** The same, so often. */
  public Body times(int count) {
    return new Body(kind, text, count);
  }

  /** All of it, to read once. */
  public InputStream stream() {
    return new ByteArrayInputStream(content());
  }

  /** All of it. */
  public byte[] content() {
    return text.repeat(times).getBytes(StandardCharsets.US_ASCII);
  }
}
