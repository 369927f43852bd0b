package dev.weft.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.config.Settings.TlsProvider;
import dev.weft.policy.Locality;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
  private final List<String> warnings = new ArrayList<>();
  @TempDir Path folder;

  private Settings read(String arguments, Map<String, String> properties, Map<String, String> env) {
    return SettingsReader.read(arguments, properties, env, warnings::add);
  }

  @Test
  void nothingSetMeansDefaultsAndNothingToDo() {
    Settings settings = read("", Map.of(), Map.of());

    assertThat(settings.enabled()).isTrue();
    assertThat(settings.configured()).isFalse();
    assertThat(settings.namespace()).isEqualTo("default");
    assertThat(settings.startupWait()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.onFailure()).isEqualTo(OnFailure.CLOSED);
    assertThat(settings.tlsProvider()).isEqualTo(TlsProvider.AUTO);
    assertThat(settings.logLevel()).isEqualTo(LogLevel.INFO);
    assertThat(settings.servers()).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void theFirstSourceThatHasAKeyWins() throws IOException {
    Path file =
        Files.writeString(folder.resolve("weft.yaml"), "service: file\naddress: 10.0.0.4\n");
    Map<String, String> env =
        Map.of(
            "WEFT_CONFIG", file.toString(),
            "WEFT_SERVICE", "env",
            "WEFT_NAMESPACE", "env",
            "WEFT_SERVICE_ACCOUNT", "env");
    Settings settings =
        read(
            "service=argument",
            Map.of("weft.service", "property", "weft.namespace", "property"),
            env);

    assertThat(settings.service()).isEqualTo("argument");
    assertThat(settings.namespace()).isEqualTo("property");
    assertThat(settings.serviceAccount()).isEqualTo("env");
    assertThat(settings.address()).contains("10.0.0.4");
    assertThat(warnings).isEmpty();
  }

  @Test
  void quotedAgentArgumentsKeepTheirCommas() {
    Settings settings =
        read(
            "weft.service=pay,labels=\"version=v2,tier=gold\",ports='http:8080,admin:9090'",
            Map.of(),
            Map.of());

    assertThat(settings.service()).isEqualTo("pay");
    assertThat(settings.labels()).isEqualTo(Map.of("version", "v2", "tier", "gold"));
    assertThat(settings.ports()).isEqualTo(Map.of("http", 8080, "admin", 9090));
  }

  @Test
  void theFileMayBeFlatOrNested() throws IOException {
    Path nested =
        Files.writeString(
            folder.resolve("nested.yaml"),
            """
            weft:
              service.account: payer
              server: [https://a.test, "https://b.test:1"]
              server.ca.file: /ca.pem
              labels:
                version: v2
              ports: {http: 8080}
              startup: {wait: 250ms}
              instrumentation: {tomcat: false}
              on.failure: open
            """);
    Settings settings = read("config=" + nested, Map.of(), Map.of());

    assertThat(settings.serviceAccount()).isEqualTo("payer");
    assertThat(settings.servers())
        .containsExactly(URI.create("https://a.test:15010"), URI.create("https://b.test:1"));
    assertThat(settings.serverCaFile()).contains(Path.of("/ca.pem"));
    assertThat(settings.labels()).isEqualTo(Map.of("version", "v2"));
    assertThat(settings.ports()).isEqualTo(Map.of("http", 8080));
    assertThat(settings.startupWait()).isEqualTo(Duration.ofMillis(250));
    assertThat(settings.disabledInstrumentations()).containsExactly("tomcat");
    assertThat(settings.onFailure()).isEqualTo(OnFailure.OPEN);
    assertThat(warnings).isEmpty();
  }

  @Test
  void openTelemetryNamesTheServiceWhereWeftDoesNot() {
    Map<String, String> env =
        Map.of(
            "OTEL_RESOURCE_ATTRIBUTES",
            "service.name=ignored,service.namespace=shop,service.version=2%2E1");
    Settings fromAttributes = read("", Map.of(), env);
    Settings fromName = read("", Map.of("otel.service.name", "orders"), env);
    Settings own = read("service=mine,namespace=ours,labels=tier=gold", Map.of(), env);

    assertThat(fromAttributes.service()).isEqualTo("ignored");
    assertThat(fromName.service()).isEqualTo("orders");
    assertThat(fromName.serviceAccount()).isEqualTo("orders");
    assertThat(fromName.namespace()).isEqualTo("shop");
    assertThat(fromName.labels()).isEqualTo(Map.of("version", "2.1"));
    assertThat(own.service()).isEqualTo("mine");
    assertThat(own.namespace()).isEqualTo("ours");
    assertThat(own.labels()).isEqualTo(Map.of("tier", "gold"));
  }

  @Test
  void instrumentationsAreSwitchedOffFromAnySource() {
    Settings settings =
        read(
            "instrumentation.tomcat=false",
            Map.of("weft.instrumentation.jdk-httpserver", "false"),
            Map.of("WEFT_INSTRUMENTATION_JAVA_NET_HTTP", "off"));

    assertThat(settings.disabledInstrumentations())
        .containsExactlyInAnyOrder("tomcat", "jdk-httpserver", "java-net-http");
  }

  @Test
  void unknownKeysGetASuggestion() {
    read("servcie=pay", Map.of("weft.lables", "a=b"), Map.of("WEFT_SERVER_CA_FLIE", "x"));

    assertThat(warnings)
        .containsExactly(
            "unknown setting weft.servcie (agent argument servcie); did you mean weft.service?",
            "unknown setting weft.lables (system property weft.lables); did you mean weft.labels?",
            "unknown setting weft.server.ca.flie (environment WEFT_SERVER_CA_FLIE); did you mean"
                + " weft.server.ca.file?");
  }

  @Test
  void anUnquotedCommaIsExplained() {
    read("labels=version=v2,tier=gold", Map.of(), Map.of());

    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("unknown setting weft.tier", "must be quoted");
  }

  @Test
  void variablesOfTheServerAndOfKubernetesAreNotOurs() {
    read(
        "",
        Map.of(),
        Map.of(
            "WEFT_SERVER_POLICY", "x",
            "WEFT_SERVICE_HOST", "10.0.0.1",
            "WEFT_PORT_15010_TCP_ADDR", "10.0.0.1",
            "WEFT_SERVER_SERVICE_PORT_GRPC", "1"));

    assertThat(warnings).isEmpty();
  }

  @Test
  void settingsWithoutEffectAreSaid() {
    read("token=x", Map.of(), Map.of());
    read("server=https://a.test,policy=dir", Map.of(), Map.of());

    assertThat(warnings)
        .containsExactly(
            "weft.token has no effect without weft.server",
            "weft.policy has no effect beside weft.server, which sends the policy");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "startup.wait=fast | weft.startup.wait (agent argument startup.wait): expected a duration"
            + " such as 5s or 250ms, found \"fast\"",
        "enabled=maybe | weft.enabled (agent argument enabled): expected true or false, found"
            + " \"maybe\"",
        "on.failure=never | weft.on.failure (agent argument on.failure): expected one of closed,"
            + " open, found \"never\"",
        "tls.provider=x | expected one of auto, openssl, jsse, found \"x\"",
        "log=loud | expected one of error, warn, info, debug",
        "server=http://a.test | weft.server (agent argument server): expected addresses such as"
            + " https://mesh.example:15010",
        "server=https://a.test/path | weft.server",
        "labels=gold | expected labels such as version=v2,tier=gold, found \"gold\"",
        "ports=8080 | expected named ports such as http:8080,admin:9090",
        "ports=http:80000 | expected named ports",
        "admin=15020 | expected host:port such as 127.0.0.1:15020",
        "identity.cert=a.pem | weft.identity.key is missing",
        "service | agent argument \"service\": expected key=value",
        "service=a,service=b | service is given twice",
        "labels=\"a | is never closed",
        "config=/nonexistent/weft.yaml | weft.config: cannot read /nonexistent/weft.yaml",
      })
  void impossibleValuesNameTheKeyAndWhatWasExpected(String arguments, String message) {
    assertThatThrownBy(() -> read(arguments, Map.of(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aVariableIsNamedAsItWasWritten() {
    assertThatThrownBy(() -> read("", Map.of(), Map.of("WEFT_STARTUP_WAIT", "5")))
        .hasMessageStartingWith("weft.startup.wait (environment WEFT_STARTUP_WAIT): expected");
  }

  @Test
  void aBrokenFileIsNamedWithItsPlace() throws IOException {
    Path list = Files.writeString(folder.resolve("list.yaml"), "- a\n- b\n");
    Path twice = Files.writeString(folder.resolve("twice.yaml"), "service: a\nweft.service: b\n");
    Path syntax = Files.writeString(folder.resolve("syntax.yaml"), "service: [a\n");

    assertThatThrownBy(() -> read("config=" + twice, Map.of(), Map.of()))
        .hasMessageContaining("twice.yaml:2:15 service is given twice");
    assertThatThrownBy(() -> read("config=" + syntax, Map.of(), Map.of()))
        .hasMessageContaining("syntax.yaml");
    assertThatThrownBy(() -> read("config=" + list, Map.of(), Map.of()))
        .hasMessageContaining("expected key: value");
  }

  @ParameterizedTest
  @CsvSource({"5s,5000", "250ms,250", "1h30m,5400000", "0.5s,500", "0s,0", "1m0.25s,60250"})
  void durationsAreThoseOfTheGatewayApi(String text, long millis) {
    assertThat(read("startup.wait=" + text, Map.of(), Map.of()).startupWait())
        .isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void localityIsWhatIsSetElseWhatTheTopologyLabelsSay() {
    String labels =
        "labels=\"topology.kubernetes.io/region=eu,topology.kubernetes.io/zone=eu-1,"
            + "topology.istio.io/subzone=rack-7\"";

    assertThat(read("", Map.of(), Map.of()).locality()).isEmpty();
    assertThat(read(labels, Map.of(), Map.of()).locality())
        .contains(new Locality("eu", "eu-1", "rack-7"));
    assertThat(read(labels + ",locality=us/us-2", Map.of(), Map.of()).locality())
        .contains(new Locality("us", "us-2", ""));
  }

  @Test
  void theHealthCheckIsAnAddressOfTheApplication() {
    Settings settings =
        read("health=http://localhost:8080/healthz?deep=1,health.interval=2s", Map.of(), Map.of());

    assertThat(settings.health()).contains(new HealthCheck("localhost", 8080, "/healthz?deep=1"));
    assertThat(settings.healthInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(warnings).anyMatch(warning -> warning.contains("weft.health has no effect"));
    assertThat(read("health=tcp://127.0.0.1:9000", Map.of(), Map.of()).health())
        .contains(new HealthCheck("127.0.0.1", 9000, ""));
    assertThat(read("health=http://localhost:1", Map.of(), Map.of()).health())
        .contains(new HealthCheck("localhost", 1, "/"));
  }

  @ParameterizedTest
  @CsvSource({
    "health=/healthz, http://localhost:8080/healthz",
    "health=https://localhost:1/, http://localhost:8080/healthz",
    "health=http://localhost/, http://localhost:8080/healthz",
    "health=tcp://localhost:1/x, tcp://localhost:8080",
    "health.interval=50ms, at least 100ms",
    "locality=/eu-1, region/zone/subzone",
    "locality=a/b/c/d, region/zone/subzone",
    "weight=0, from 1 to",
    "weight=heavy, from 1 to",
    "drain.timeout=soon, a duration such as"
  })
  void whatCannotBeMeantSaysWhatWasExpected(String argument, String expected) {
    assertThatThrownBy(() -> read(argument, Map.of(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weft." + argument.substring(0, argument.indexOf('=')))
        .hasMessageContaining(expected);
  }
}
