package dev.weft.agent.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminPageTest {
  private final ThreadGroup group = new ThreadGroup("weft");
  private final Log log = new Log(LogLevel.ERROR, new PrintStream(new ByteArrayOutputStream()));
  private AdminPage page;

  @BeforeEach
  void start() throws IOException {
    page =
        AdminPage.start(
            "127.0.0.1:0",
            Map.of(
                "/status", () -> "{\"ok\":true}",
                "/broken",
                    () -> {
                      throw new IllegalStateException("no");
                    }),
            group,
            log);
  }

  @AfterEach
  void stop() throws IOException {
    page.close();
  }

  @Test
  void listensOnLoopbackOnly() {
    assertThatThrownBy(() -> AdminPage.start("0.0.0.0:0", Map.of(), group, log))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("loopback");
  }

  private String ask(String request) throws IOException {
    try (Socket socket = new Socket(page.address().getAddress(), page.address().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET /status HTTP/1.1,200 OK",
    "GET /status?pretty HTTP/1.1,200 OK",
    "GET /other HTTP/1.1,404 Not Found",
    "POST /status HTTP/1.1,405 Method Not Allowed",
    "nonsense,400 Bad Request",
  })
  void answersOnlyWhatItKnows(String line, String status) throws IOException {
    assertThat(ask(line + "\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 " + status + "\r\n");
  }

  @Test
  void aPageIsJson() throws IOException {
    assertThat(ask("GET /status HTTP/1.1\r\n\r\n"))
        .contains("Content-Type: application/json")
        .endsWith("\r\n\r\n{\"ok\":true}");
  }

  @Test
  void survivesABrokenPageAndABrokenClient() throws IOException {
    assertThat(ask("GET /broken HTTP/1.1\r\n\r\n")).isEmpty();
    assertThat(ask("")).contains("400");
    assertThat(ask("GET /status HTTP/1.1\r\n\r\n")).contains("200 OK");
    Thread[] threads = new Thread[2];
    assertThat(group.enumerate(threads)).isEqualTo(1);
    assertThat(threads[0].getName()).isEqualTo("weft-admin");
    assertThat(threads[0].isDaemon()).isTrue();
  }

  @Test
  void anAddressInUseIsSaid() {
    assertThatThrownBy(
            () -> AdminPage.start("127.0.0.1:" + page.address().getPort(), Map.of(), group, log))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("weft.admin cannot listen on 127.0.0.1:");
  }
}
