package dev.weft.agent.wire;

import static dev.weft.agent.wire.ClientHello.Kind.MESH;
import static dev.weft.agent.wire.ClientHello.Kind.NOT_TLS;
import static dev.weft.agent.wire.ClientHello.Kind.OTHER_TLS;
import static dev.weft.agent.wire.ClientHello.Kind.UNDECIDED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.wire.ClientHello.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClientHelloTest {
  private static final String ALPN = "weft/1";
  private static final int HEADER = 5;

  static Stream<Arguments> whole() throws Exception {
    byte[] mesh = hello(ALPN);
    return Stream.of(
        Arguments.of("the mesh's", mesh, MESH),
        Arguments.of("the mesh's among others", hello("h2", ALPN, "http/1.1"), MESH),
        Arguments.of("the mesh's and early bytes behind", concat(mesh, new byte[100]), MESH),
        Arguments.of("the mesh's in records of one byte", fragmented(mesh, 1), MESH),
        Arguments.of("the mesh's in records of 100", fragmented(mesh, 100), MESH),
        Arguments.of("other ALPN", hello("h2"), OTHER_TLS),
        Arguments.of("a longer name", hello(ALPN + "1"), OTHER_TLS),
        Arguments.of("a shorter name", hello("weft/"), OTHER_TLS),
        Arguments.of("no ALPN", hello(), OTHER_TLS),
        Arguments.of("TLS 1.2 of somebody", helloOf("TLSv1.2"), OTHER_TLS),
        Arguments.of("HTTP", ascii("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), NOT_TLS),
        Arguments.of("HTTP/2", ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), NOT_TLS),
        Arguments.of("SSLv2", bytes(0x80, 0x2e, 1, 3, 1, 0, 0x15), NOT_TLS),
        Arguments.of("a TLS alert", bytes(21, 3, 3, 0, 2, 1, 0), NOT_TLS),
        Arguments.of("the right type, another version", bytes(22, 2, 0, 0, 4), NOT_TLS),
        Arguments.of("zeros", new byte[64], NOT_TLS),
        Arguments.of("a ServerHello", bytes(22, 3, 3, 0, 4, 2, 0, 0, 0), OTHER_TLS),
        Arguments.of("an empty record", bytes(22, 3, 1, 0, 0), OTHER_TLS),
        Arguments.of("a record beyond the limit", bytes(22, 3, 1, 0x40, 1), OTHER_TLS),
        Arguments.of("another record in between", interrupted(mesh), OTHER_TLS),
        Arguments.of("an empty hello", bytes(22, 3, 1, 0, 4, 1, 0, 0, 0), OTHER_TLS),
        Arguments.of("nothing", new byte[0], UNDECIDED));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("whole")
  void isClassified(String name, byte[] bytes, Kind expected) {
    ByteBuffer buffer = room(bytes);
    int position = buffer.position();
    int limit = buffer.limit();

    assertThat(ClientHello.classify(buffer, ALPN)).isEqualTo(expected);

    assertThat(buffer.position()).isEqualTo(position);
    assertThat(buffer.limit()).isEqualTo(limit);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("whole")
  void isNeverDecidedOtherwiseBeforeItIsWhole(String name, byte[] bytes, Kind expected) {
    Kind last = UNDECIDED;
    for (int n = 1; n <= bytes.length; n++) {
      Kind now = ClientHello.classify(room(Arrays.copyOf(bytes, n)), ALPN);
      assertThat(now).as("after %d of %d bytes", n, bytes.length).isIn(UNDECIDED, expected);
      if (last == expected) {
        assertThat(now).as("after %d bytes, decided before", n).isEqualTo(expected);
      }
      last = now;
    }
    assertThat(last).isEqualTo(expected);
  }

  @Test
  void aMeshHelloIsDecidedByItsLastByteOnly() throws Exception {
    byte[] mesh = hello(ALPN);

    assertThat(ClientHello.classify(room(Arrays.copyOf(mesh, mesh.length - 1)), ALPN))
        .isEqualTo(UNDECIDED);
    assertThat(ClientHello.classify(room(mesh), ALPN)).isEqualTo(MESH);
  }

  @Test
  void aHelloThatOutgrowsTheBufferIsNotOurs() {
    byte[] huge = new byte[BufferPool.SIZE];
    byte[] start = bytes(22, 3, 1, 0x40, 0, 1, 0x01, 0, 0);
    System.arraycopy(start, 0, huge, 0, start.length);
    for (int record = HEADER + 0x4000; record + HEADER < huge.length; record += HEADER + 0x4000) {
      System.arraycopy(start, 0, huge, record, HEADER);
    }

    assertThat(ClientHello.classify(ByteBuffer.wrap(huge), ALPN)).isEqualTo(OTHER_TLS);
    assertThat(ClientHello.classify(room(Arrays.copyOf(huge, huge.length - 1)), ALPN))
        .isEqualTo(UNDECIDED);
  }

  @Test
  void wrongLengthsAreNeverAnException() throws Exception {
    byte[] mesh = hello("h2", ALPN);
    for (int at = 0; at < mesh.length; at++) {
      for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
        byte[] wrong = mesh.clone();
        wrong[at] = (byte) value;
        assertThat(ClientHello.classify(room(wrong), ALPN)).isNotNull();
      }
    }
  }

  @Test
  void garbageBehindTheRightBeginningIsNeverAnException() {
    Random dice = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] garbage = new byte[dice.nextInt(80)];
      dice.nextBytes(garbage);
      byte[] start = bytes(22, 3, 1, 0, garbage.length + 4, 1, 0, 0, garbage.length);
      assertThat(ClientHello.classify(room(concat(start, garbage)), ALPN)).isNotEqualTo(NOT_TLS);
    }
  }

  @Test
  void aBufferNeedNotStartAtItsBeginning() throws Exception {
    byte[] mesh = hello(ALPN);
    ByteBuffer buffer = ByteBuffer.allocateDirect(BufferPool.SIZE);
    buffer.position(10).put(mesh).flip().position(10);

    assertThat(ClientHello.classify(buffer, ALPN)).isEqualTo(MESH);
  }

  /** As the connection has it: in a buffer that is larger. */
  private static ByteBuffer room(byte[] bytes) {
    return ByteBuffer.allocate(BufferPool.SIZE).put(bytes).flip();
  }

  private static byte[] hello(String... protocols) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("stock.example", 8080);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    engine.setSSLParameters(parameters);
    return first(engine);
  }

  private static byte[] helloOf(String version) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("stock.example", 8080);
    engine.setEnabledProtocols(new String[] {version});
    return first(engine);
  }

  private static byte[] first(SSLEngine engine) throws Exception {
    engine.setUseClientMode(true);
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.beginHandshake();
    engine.wrap(ByteBuffer.allocate(0), record);
    return Arrays.copyOf(record.array(), record.position());
  }

  private static byte[] fragmented(byte[] record, int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = HEADER; at < record.length; at += size) {
      int n = Math.min(size, record.length - at);
      out.writeBytes(bytes(22, 3, 1, 0, n));
      out.write(record, at, n);
    }
    return out.toByteArray();
  }

  /** A handshake message may not be interleaved with other records (RFC 8446, section 5.1). */
  private static byte[] interrupted(byte[] record) {
    byte[] pieces = fragmented(record, 100);
    byte[] first = Arrays.copyOf(pieces, HEADER + 100);
    byte[] rest = Arrays.copyOfRange(pieces, HEADER + 100, pieces.length);
    return concat(concat(first, bytes(20, 3, 3, 0, 1, 1)), rest);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
