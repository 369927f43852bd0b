package dev.weft.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.weft.bootstrap.WireHooks;
import dev.weft.bootstrap.WireSession;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The arrows between the modules. Read from the compiled classes of the reactor, so that they hold
 * whatever the jars are made of.
 */
class ArchitectureTest {
  private static final String[] JDK = {"java..", "javax..", "jdk..", "sun..", "com.sun.."};
  private static final String JSPECIFY = "org.jspecify..";

  @Test
  void theBootstrapDependsOnTheJdkOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(with("dev.weft.bootstrap.."))
        .because("java.base itself calls it")
        .check(module("bootstrap"));
  }

  @Test
  void theBridgeCallsTheAgentThroughItsGuardOnly() {
    noClasses()
        .that()
        .doNotHaveSimpleName("Guard")
        .and()
        .doNotHaveSimpleName("WireSession") // asks itself
        .should()
        .callMethodWhere(
            target(owner(assignableTo(WireSession.class).or(assignableTo(WireHooks.class))))
                .and(not(target(name("refusal"))))) // Refused calls itself
        .because("a fault of the agent must end one connection, and nothing else")
        .check(module("bootstrap"));
  }

  @Test
  void policyDependsOnItsParsersOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(with("dev.weft.policy..", "org.yaml.snakeyaml..", "com.google.re2j.."))
        .check(module("policy"));
  }

  @Test
  void policyReadsNoFileAndStartsNoThread() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.nio\\.file\\.Files|java\\.io\\.File|java\\.net\\.Socket|java\\.lang\\.Thread")
        .check(module("policy"));
  }

  @ParameterizedTest
  @CsvSource({
    "java-net-http, dev.weft.instrumentation.javanethttp..",
    "http-url-connection, dev.weft.instrumentation.httpurlconnection..",
    "httpclient5, dev.weft.instrumentation.httpclient5..",
    "jdk-httpserver, dev.weft.instrumentation.jdkhttpserver..",
    "okhttp, dev.weft.instrumentation.okhttp..",
    "reactor-netty, dev.weft.instrumentation.reactornetty..",
    "tomcat, dev.weft.instrumentation.tomcat.."
  })
  void anInstrumentationKnowsTheSpiAndItsOwnLibraryOnly(String folder, String own) {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            with(
                own,
                "dev.weft.instrumentation",
                "dev.weft.bootstrap..",
                "net.bytebuddy..",
                "org.apache..",
                "okhttp3..",
                "okio..",
                "jakarta.servlet..",
                "io.netty..",
                "reactor..",
                "org.reactivestreams.."))
        .check(module("instrumentations/" + folder));
  }

  @Test
  void theAgentDoesNotKnowTheServer() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.weft.server..")
        .check(module("agent"));
  }

  @Test
  void theServerDoesNotKnowTheAgent() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.weft.agent..", "dev.weft.bootstrap..", "dev.weft.instrumentation..")
        .check(module("config-server"));
  }

  @Test
  void theShopKnowsNothingOfWeft() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.weft..")
        .check(module("examples/shop"));
  }

  @Test
  void theTestClientsKnowNothingOfWeft() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.weft..")
        .check(module("integration-tests/clients"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"boot3", "boot4"})
  void theSpringBootApplicationsKnowNothingOfWeft(String folder) {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.weft..")
        .check(module("integration-tests/spring/" + folder));
  }

  private static JavaClasses module(String folder) {
    Path compiled = Built.JARS.root().resolve(folder).resolve("target/classes");
    JavaClasses classes = new ClassFileImporter().importPath(compiled);
    assertThat(classes).as("classes of %s", folder).isNotEmpty();
    return classes;
  }

  private static String[] with(String... packages) {
    String[] all = new String[JDK.length + 1 + packages.length];
    System.arraycopy(JDK, 0, all, 0, JDK.length);
    all[JDK.length] = JSPECIFY;
    System.arraycopy(packages, 0, all, JDK.length + 1, packages.length);
    return all;
  }
}
