package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.CanaryCheck;
import dev.weft.server.demo.Check;
import dev.weft.server.demo.KillCheck;
import dev.weft.server.demo.MutualTlsCheck;
import dev.weft.server.demo.PermissionCheck;
import dev.weft.server.demo.PlaintextCheck;
import dev.weft.server.demo.Row;
import dev.weft.server.demo.Shop;
import dev.weft.server.demo.TesterCheck;
import dev.weft.server.demo.TraceCheck;
import java.io.IOException;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** Each row of the demo's table, in the demo's order: the shop changes as the story goes on. */
@OnEachJdk
@TestMethodOrder(OrderAnnotation.class)
class ShopIT {
  @Parameter private Jdk jdk;

  private static TestMesh mesh;
  private static Shop shop;

  @BeforeParameterizedClassInvocation
  static void open(Jdk jdk) throws IOException, InterruptedException {
    // C2 costs these seven JVMs as much again: one JDK shows that its code does the same.
    Jdk chosen = jdk.newest() ? jdk.withEveryCompiler() : jdk;
    mesh = TestMesh.start("shop", chosen, TestMesh.shopDocuments());
    shop = TestMesh.startShop(mesh);
  }

  @AfterParameterizedClassInvocation
  static void close() {
    mesh.close();
  }

  @Test
  @Order(1)
  void aCanaryGetsItsShareAndAnEditMovesItWhileTrafficFlows() throws Exception {
    holds(new CanaryCheck());
  }

  @Test
  @Order(2)
  void aTesterIsPinnedByHeader() throws Exception {
    holds(new TesterCheck());
  }

  @Test
  @Order(3)
  void aCallerWithoutPermissionIsToldTheRuleAndItsTwinPasses() throws Exception {
    holds(new PermissionCheck());
  }

  @Test
  @Order(4)
  void aKilledInstanceFailsNoRequest() throws Exception {
    holds(new KillCheck());
  }

  @Test
  @Order(5)
  void oneTraceSpansAllServices() throws Exception {
    holds(new TraceCheck());
  }

  @Test
  @Order(6)
  void everyConnectionIsMutualTlsWithBothIdentitiesSeen() throws Exception {
    holds(new MutualTlsCheck());
  }

  @Test
  @Order(7)
  void plaintextIsRefusedUnderStrictAndAcceptedUnderPermissive() throws Exception {
    holds(new PlaintextCheck());
  }

  private void holds(Check check) throws IOException, InterruptedException {
    assertThat(check.observe(shop)).allMatch(Row::held);
  }
}
