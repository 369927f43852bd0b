package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorityTest {
  @ParameterizedTest
  @CsvSource({
    "Pay,pay",
    "pay:8080,pay",
    "[::1]:80,[::1]",
    "[::1],[::1]",
    "fe80::1,fe80::1",
    "10.0.0.1:80,10.0.0.1",
    "'',''"
  })
  void hasAHostWithoutPortInLowerCase(String authority, String host) {
    assertThat(Authority.host(authority)).isEqualTo(host);
  }
}
