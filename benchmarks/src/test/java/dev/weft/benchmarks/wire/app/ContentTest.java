package dev.weft.benchmarks.wire.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContentTest {
  @Test
  void theSmallAnswerIsOneKilobyte() {
    assertThat(Content.json()).hasSize(1024);
  }

  @Test
  void aPaddedRequestHas200Bytes() {
    String line = "GET /small HTTP/1.1\r\n";
    String rest = "Host: 127.0.0.1:4711\r\n\r\n";
    String pad = Content.PAD_NAME + ": " + Content.pad(line + rest) + "\r\n";

    assertThat(line + pad + rest).hasSize(200);
  }

  @Test
  void theBulkAnswerIsWholePieces() {
    assertThat(Content.BULK_BYTES % Content.PIECE_BYTES).isZero();
  }
}
