package dev.weft.instrumentation.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.TransportMesh;
import dev.weft.instrumentation.testing.Weaver;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.apache.coyote.ProtocolHandler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which protocol Tomcat makes of a connector's; APR is "available" only where Tomcat has it. */
class TomcatAprTest {
  private static final String APR = "org.apache.coyote.http11.Http11AprProtocol";
  private static final boolean HAS_APR = create().getParameterCount() == 2;

  private final List<String> steered = new ArrayList<>();

  @BeforeEach
  void install() {
    Mesh.install(
        new TransportMesh() {
          @Override
          public List<InetAddress> resolve(String host) {
            return List.of();
          }

          @Override
          public void steered(String transport) {
            steered.add(transport);
          }

          @Override
          public void refused(String transport) {}
        });
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, org.apache.coyote.http11.Http11NioProtocol",
    ", org.apache.coyote.http11.Http11NioProtocol",
    "org.apache.coyote.http11.Http11AprProtocol, org.apache.coyote.http11.Http11NioProtocol",
    "org.apache.coyote.http11.Http11NioProtocol, org.apache.coyote.http11.Http11NioProtocol",
    "org.apache.coyote.http11.Http11Nio2Protocol, org.apache.coyote.http11.Http11Nio2Protocol",
    "AJP/1.3, org.apache.coyote.ajp.AjpNioProtocol",
    "org.apache.coyote.ajp.AjpAprProtocol, org.apache.coyote.ajp.AjpNioProtocol"
  })
  void noConnectorIsOnApr(String protocol, String expected) throws Exception {
    try (Weaver weaver = Weaver.weave(new TomcatAprInstrumentation())) {
      assertThat(created(protocol)).isEqualTo(expected);
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @Test
  void whatIsSteeredIsSaid() throws Exception {
    try (Weaver weaver = Weaver.weave(new TomcatAprInstrumentation())) {
      created(APR);
      created("org.apache.coyote.http11.Http11NioProtocol");

      assertThat(steered).containsExactly(APR);
      assertThat(weaver.failures()).isEmpty();
    }
  }

  @Test
  void withoutUsAConnectorIsOnApr() throws Exception {
    assumeTrue(HAS_APR, "gone since Tomcat 10.1");

    assertThat(created("HTTP/1.1")).isEqualTo(APR);
  }

  private static String created(String protocol) throws Exception {
    Method create = create();
    Object handler = HAS_APR ? create.invoke(null, protocol, true) : create.invoke(null, protocol);
    return handler.getClass().getName();
  }

  /** Compiled with a Tomcat where it has other arguments. */
  private static Method create() {
    for (Method method : ProtocolHandler.class.getMethods()) {
      if (method.getName().equals("create")) {
        return method;
      }
    }
    throw new IllegalStateException("no create in " + ProtocolHandler.class);
  }
}
