package dev.weft.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PlaintextProbeTest {
  @Test
  void anAnswerIsAccepted() throws IOException {
    String seen = probe("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

    assertThat(PlaintextProbe.accepted(seen)).isTrue();
    assertThat(PlaintextProbe.refused(seen)).isFalse();
  }

  @Test
  void anEndWithoutAByteIsARefusal() throws IOException {
    String seen = probe("");

    assertThat(PlaintextProbe.refused(seen)).isTrue();
    assertThat(PlaintextProbe.accepted(seen)).isFalse();
  }

  @Test
  void aRefusalByHttpIsNeither() throws IOException {
    String seen = probe("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");

    assertThat(PlaintextProbe.refused(seen)).isFalse();
    assertThat(PlaintextProbe.accepted(seen)).isFalse();
  }

  @Test
  void aServerThatIsGoneIsNoRefusal() throws IOException {
    InetSocketAddress gone;
    try (ServerSocket server = new ServerSocket(0)) {
      gone = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    String seen = PlaintextProbe.send(gone);

    assertThat(PlaintextProbe.refused(seen)).isFalse();
    assertThat(PlaintextProbe.accepted(seen)).isFalse();
  }

  private static String probe(String answer) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread serving = new Thread(() -> serve(server, answer));
      serving.start();
      return PlaintextProbe.send((InetSocketAddress) server.getLocalSocketAddress());
    }
  }

  private static void serve(ServerSocket server, String answer) {
    try (Socket socket = server.accept()) {
      byte[] request = new byte[4096];
      assertThat(socket.getInputStream().read(request)).isPositive();
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
