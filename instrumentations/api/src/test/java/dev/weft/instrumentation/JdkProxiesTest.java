package dev.weft.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.ProxySelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JdkProxiesTest {
  @AfterEach
  void forget() {
    System.clearProperty("http.proxyHost");
    System.clearProperty("proxyHost");
    System.clearProperty("socksProxyHost");
    System.clearProperty("java.net.useSystemProxies");
  }

  @Test
  void theJdksSelectorHasNothingToSelect() {
    assertThat(JdkProxies.none(ProxySelector.getDefault())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "http.proxyHost, proxy.example",
    "proxyHost, proxy.example",
    "socksProxyHost, proxy.example",
    "java.net.useSystemProxies, true"
  })
  void theJdksSelectorIsAskedWhileASettingSaysSo(String name, String value) {
    System.setProperty(name, value);
    assertThat(JdkProxies.none(ProxySelector.getDefault())).isFalse();

    System.clearProperty(name);
    assertThat(JdkProxies.none(ProxySelector.getDefault())).isTrue();
  }

  @Test
  void anotherSelectorIsAlwaysAsked() {
    assertThat(JdkProxies.none(ProxySelector.of(new InetSocketAddress("127.0.0.1", 3128))))
        .isFalse();
    assertThat(JdkProxies.none(null)).isFalse();
  }
}
