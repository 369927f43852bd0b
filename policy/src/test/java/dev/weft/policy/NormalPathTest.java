package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormalPathTest {

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({
    "/, /",
    "/a, /a",
    "/a/, /a/",
    "/a/b.c/.well-known, /a/b.c/.well-known",
    "//a, /a",
    "/a//b, /a/b",
    "/a/./b, /a/b",
    "/a/../b, /b",
    "/a/b/.., /a/",
    "/a/., /a/",
    "/a/b/../.., /",
    "/a\\b, /a/b",
    "/a\\..\\b, /b",
    "/%61dmin, /admin",
    "/a/%2e%2e/b, /b",
    "/a/%2E/b, /a/b",
    "/a%2fb, /a/b",
    "/a%5c..%5cb, /b",
    "/100%25, /100%",
    "/a%2520b, /a%20b",
    "/a;x=1, /a",
    "/a;x=1/b;y, /a/b",
    "/a/..;/b, /b",
    "/a/.;x/b, /a/b",
    "/caf%C3%A9, /caf\u00e9",
    "*, *",
  })
  void onePathHasOneForm(String path, String normal) {
    assertThat(NormalPath.of(path)).isEqualTo(Optional.of(normal));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "http://a/b",
        "/%00",
        "/a\u0000",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%-1",
        "/%c0%ae%c0%ae/b",
        "/%ff",
        "/..",
        "/a/../../b",
        "/%2e%2e/b",
        "/..;/b",
        "/%252e%252e/b",
        "/a%252fb",
        "/a%255cb",
        "/a%25252fb",
        "/a%3bx",
        "/a%0d%0ab",
        "/a\tb",
        "/a b",
        "/a#b",
        "/a?b",
        "/caf\u00e9",
      })
  void whatServersReadDifferentlyHasNone(String path) {
    assertThat(NormalPath.of(path)).isEmpty();
  }
}
