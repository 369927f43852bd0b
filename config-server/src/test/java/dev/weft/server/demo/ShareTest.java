package dev.weft.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareTest {
  @ParameterizedTest
  @CsvSource({
    // 1,000 at 10 %: sigma is 9.5, four of them are 37.9
    "100, 1000, 0.1, true",
    "137, 1000, 0.1, true",
    "138, 1000, 0.1, false",
    "63, 1000, 0.1, true",
    "62, 1000, 0.1, false",
    "500, 1000, 0.5, true",
    "100, 1000, 0.5, false",
    "0, 0, 0.1, false"
  })
  void aShareFitsWhereChanceExplainsIt(int hits, int total, double probability, boolean fits) {
    assertThat(new Share(hits, total).fits(probability)).isEqualTo(fits);
  }
}
