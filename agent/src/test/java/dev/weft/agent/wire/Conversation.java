package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** What one end of a model says, piece by piece, and what it has heard. */
final class Conversation {
  private static final int LARGE = 70_000;

  private final Random dice;
  private final boolean direct;
  private final boolean hasty;
  private final byte[] stream;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private int said;
  private int offered;

  /** {@code direct}: all buffers are, as the JDK's socket classes have it. */
  Conversation(Random dice, int length, boolean direct) {
    this(dice, length, direct, false);
  }

  /** {@code hasty}: offers all that is left with each write, and takes all that there is. */
  Conversation(Random dice, int length, boolean direct, boolean hasty) {
    this.dice = dice;
    this.direct = direct;
    this.hasty = hasty;
    this.stream = new byte[length];
    dice.nextBytes(stream);
  }

  int length() {
    return stream.length;
  }

  /** Bytes of the stream that the other end has been promised. */
  int said() {
    return said;
  }

  boolean saidAll() {
    return said == stream.length;
  }

  /** The next bytes in some buffers of all kinds, as a gathering write has them. */
  ByteBuffer[] next() {
    int left = stream.length - said;
    int length = hasty ? left : 1 + dice.nextInt(Math.min(left, size()));
    offered = length;
    int pieces = 1 + dice.nextInt(3);
    ByteBuffer[] sources = new ByteBuffer[pieces];
    int at = said;
    for (int i = 0; i < pieces; i++) {
      int rest = said + length - at;
      int n = i == pieces - 1 ? rest : dice.nextInt(rest + 1);
      sources[i] = piece(at, n);
      at += n;
    }
    return sources;
  }

  private ByteBuffer piece(int at, int length) {
    return switch (direct ? 3 : dice.nextInt(4)) {
      case 0 -> ByteBuffer.wrap(stream, at, length);
      case 1 -> ByteBuffer.wrap(stream, at, length).slice().asReadOnlyBuffer();
      case 2 -> ByteBuffer.allocate(length).put(stream, at, length).flip();
      default -> ByteBuffer.allocateDirect(length).put(stream, at, length).flip();
    };
  }

  /** The result of writing {@link #next}; true: something was written. */
  boolean wrote(long n) {
    assertThat(n).isNotZero().isGreaterThanOrEqualTo(Transport.UNAVAILABLE);
    assertThat(n).isLessThanOrEqualTo(offered);
    said += (int) Math.max(0, n);
    return n > 0;
  }

  /** A buffer of any size to read into. */
  ByteBuffer target() {
    int size = hasty ? LARGE : 1 + dice.nextInt(size());
    return !direct && dice.nextBoolean()
        ? ByteBuffer.allocate(size)
        : ByteBuffer.allocateDirect(size);
  }

  /** The result of reading into {@link #target}. */
  void read(ByteBuffer target, int n) {
    assertThat(n).isNotZero().isGreaterThanOrEqualTo(Transport.UNAVAILABLE);
    if (n > 0) {
      assertThat(target.position()).isEqualTo(n);
      byte[] bytes = new byte[n];
      target.flip().get(bytes);
      heard.write(bytes, 0, n);
      assertThat(heard.size()).as("bytes read").isLessThanOrEqualTo(1 << 20);
    }
  }

  private int size() {
    return switch (dice.nextInt(6)) {
      case 0 -> 1;
      case 1, 2 -> 10;
      case 3 -> 300;
      case 4 -> 5_000;
      default -> LARGE;
    };
  }

  int heard() {
    return heard.size();
  }

  /** No byte that is not the other's. */
  void assertHeardABeginningOf(Conversation other) {
    byte[] bytes = heard.toByteArray();
    int differs = Arrays.mismatch(bytes, other.stream);
    assertThat(differs)
        .as(
            "first byte of %d that is not as in the stream of %d",
            bytes.length, other.stream.length)
        .isIn(-1, bytes.length);
  }

  void assertHeardAllOf(Conversation other) {
    assertHeardABeginningOf(other);
    assertThat(heard.size()).as("bytes that arrived").isEqualTo(other.stream.length);
  }

  @Override
  public String toString() {
    return "said " + said + "/" + stream.length + " heard " + heard.size();
  }
}
