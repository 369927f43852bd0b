package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://cluster.local/ns/default/sa/pay",
        "spiffe://a/ns/b/sa/c",
        "spiffe://a-b_c.1/ns/N.s_-/sa/S.a_-",
      })
  void aWellFormedIdIsReadAndWrittenTheSame(String text) {
    assertThat(SpiffeId.parse(text)).hasToString(text);
  }

  @Test
  void thePrincipalIsTheIdWithoutScheme() {
    assertThat(SpiffeId.parse("spiffe://a.test/ns/shop/sa/pay").principal())
        .isEqualTo("a.test/ns/shop/sa/pay");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "spiffe://",
        "a.test/ns/shop/sa/pay",
        "http://a.test/ns/shop/sa/pay",
        "SPIFFE://a.test/ns/shop/sa/pay",
        "spiffe:/a.test/ns/shop/sa/pay",
        "spiffe:///ns/shop/sa/pay",
        "spiffe://a.test",
        "spiffe://a.test/",
        "spiffe://a.test/ns/shop/sa",
        "spiffe://a.test/ns/shop/sa/",
        "spiffe://a.test/ns//sa/pay",
        "spiffe://a.test/ns/shop/sa/pay/",
        "spiffe://a.test/ns/shop/sa/pay/more",
        "spiffe://a.test//ns/shop/sa/pay",
        "spiffe://a.test/sa/pay/ns/shop",
        "spiffe://a.test/NS/shop/SA/pay",
        "spiffe://A.test/ns/shop/sa/pay",
        "spiffe://a.test:443/ns/shop/sa/pay",
        "spiffe://user@a.test/ns/shop/sa/pay",
        "spiffe://a.test/ns/shop/sa/pay?x=y",
        "spiffe://a.test/ns/shop/sa/pay#x",
        "spiffe://a.test/ns/shop/sa/p%61y",
        "spiffe://a.test/ns/./sa/pay",
        "spiffe://a.test/ns/shop/sa/..",
        "spiffe://../ns/shop/sa/pay",
        "spiffe://a.test/ns/shop/sa/pay ",
        " spiffe://a.test/ns/shop/sa/pay",
        "spiffe://a.test/ns/shop/sa/p\u00e4y",
        "spiffe://a.test/ns/sh*p/sa/pay",
        "spiffe://a.test/ns/shop\u0000/sa/pay",
        "spiffe://a.test/ns/shop\n/sa/pay",
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> SpiffeId.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anIdBeyondTheLimitOfTheStandardIsRefused() {
    String longest = "spiffe://a/ns/b/sa/" + "c".repeat(2048 - "spiffe://a/ns/b/sa/".length());

    assertThat(SpiffeId.parse(longest).toString()).hasSize(2048);
    assertThatThrownBy(() -> SpiffeId.parse(longest + "c"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
