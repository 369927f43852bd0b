package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {
  @ParameterizedTest(name = "{0} on {1}: {2}")
  @CsvSource({
    "/foo/{*}, /foo/bar, true",
    "/foo/{*}, /foo/bar/baz, false",
    "/foo/{*}, /foo/bar/, false",
    "/foo/{*}, /foo/, false",
    "/foo/{*}, /foo, false",
    "/foo/{*}, /fooo/bar, false",
    "/{*}, /a, true",
    "/{*}, /, false",
    "/{*}/{*}, /a/b, true",
    "/{*}/{*}, /a//b, false",
    "/foo/{*}/bar, /foo/x/bar, true",
    "/foo/{*}/bar, /foo/x/barn, false",
    "/foo/{*}/bar, /foo//bar, false",
    "/foo/{**}, /foo/, true",
    "/foo/{**}, /foo/a/b, true",
    "/foo/{**}, /foo, false",
    "/foo/{**}/, /foo/bar/, true",
    "/foo/{**}/, /foo//, true",
    "/foo/{**}/, /foo/bar, false",
    "/foo/{**}/, /foo/, false",
    "/foo/{*}/bar/{**}, /foo/buzz/bar/, true",
    "/foo/{*}/bar/{**}, /foo/buzz/bar/baz, true",
    "/foo/{*}/bar/{**}, /foo/buzz/bar, false",
    "/foo/{**}/end, /foo/a/b/end, true",
    "/foo/{**}/end, /foo/end, false",
    "/{**}, /, true",
    "/{**}, /a/b/c, true",
  })
  void aTemplateDescribesTheWholePath(String template, String path, boolean matches) {
    assertThat(PathTemplate.parse(template).match(path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/*/baz/{*}",
        "/**/baz/{*}",
        "/{**}/foo/{*}",
        "/{**}/{**}",
        "/foo/{*}.txt",
        "/foo/x{*}",
        "/foo/{name}",
        "/foo/{",
        "/foo/}",
        "/foo/{***}",
        "/foo/{*}*",
        "{*}",
        "foo/{*}",
      })
  void whatIsNoTemplateIsRefused(String template) {
    assertThatThrownBy(() -> PathTemplate.parse(template))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
