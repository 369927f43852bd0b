package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.json.Json;
import dev.weft.agent.log.Log;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.part.Bodies;
import dev.weft.policy.part.Part;
import dev.weft.policy.part.PartSet;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartIntakeTest {
  private final Log log = new Log(LogLevel.ERROR, new PrintStream(new ByteArrayOutputStream()));
  private final Snapshots snapshots = new Snapshots(log);
  private final PartIntake intake =
      new PartIntake(new SnapshotIntake(snapshots, new IdentityStore(), false));

  private static final Part MESH =
      Part.of(Bodies.MESH, new Bodies.Mesh("a.test", List.of(), MeshSettings.DEFAULT));
  private static final Part SELF =
      Part.of(
          Bodies.SELF,
          new Bodies.Self(
              new Inbound(
                  "w",
                  "w",
                  "default",
                  "spiffe://a.test/ns/default/sa/w",
                  Map.of(),
                  new Inbound.Mtls(MtlsMode.STRICT, "r"),
                  Map.of(),
                  List.of()),
              Optional.empty()));

  /** Names, one of them at this address: an address that is none makes a view impossible. */
  private static Part directory(String address) {
    return Part.of(
        Bodies.DIRECTORY + "shop",
        new Bodies.Directory(
            List.of(new DirectoryEntry("stock", "shop", List.of("stock.shop"), address))));
  }

  private static PartSet set(Part... shared) {
    return PartSet.of(PartSet.Shared.of(List.of(shared)), List.of(SELF));
  }

  private static final PartSet FIRST = set(MESH);
  private static final PartSet GOOD = set(MESH, directory("240.1.2.3"));
  private static final PartSet BROKEN = set(MESH, directory("not-an-address"));

  private static Map<String, Object> delta(PartSet from, PartSet to, long generation)
      throws Exception {
    PartSet.Change change = to.since(from);
    Map<String, Object> parts = new LinkedHashMap<>();
    for (Part part : change.parts()) {
      parts.put(part.key(), Json.object(new String(part.body(), StandardCharsets.UTF_8)));
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("base", from.version());
    message.put("version", to.version());
    message.put("epoch", "e1");
    message.put("generation", generation);
    message.put("removed", change.removed());
    message.put("parts", parts);
    return message;
  }

  private String inForce() {
    MeshView view = snapshots.current();
    return view == null ? "" : view.snapshot().version();
  }

  @Test
  void changesLeadFromVersionToVersion() throws Exception {
    intake.apply(delta(PartSet.NONE, FIRST, 1));
    assertThat(inForce()).isEqualTo(FIRST.version());
    intake.apply(delta(FIRST, GOOD, 2));
    assertThat(inForce()).isEqualTo(GOOD.version());
    intake.apply(delta(GOOD, FIRST, 3));

    assertThat(inForce()).isEqualTo(FIRST.version());
    assertThat(intake.held()).containsEntry("policy", Map.of("epoch", "e1", "generation", 3L));
  }

  @Test
  void aChangeOfSomethingElseAsksForEverythingAndChangesNothing() throws Exception {
    intake.apply(delta(PartSet.NONE, FIRST, 1));

    assertThatThrownBy(() -> intake.apply(delta(BROKEN, GOOD, 2)))
        .isInstanceOf(PartIntake.OutOfStepException.class);
    assertThat(inForce()).isEqualTo(FIRST.version());

    intake.apply(delta(PartSet.NONE, GOOD, 2));
    assertThat(inForce()).isEqualTo(GOOD.version());
  }

  @Test
  void aChangeWhosePartsMakeAnotherVersionIsNotTaken() throws Exception {
    intake.apply(delta(PartSet.NONE, FIRST, 1));
    Map<String, Object> forged = delta(FIRST, GOOD, 2);
    ((Map<?, ?>) ((Map<?, ?>) forged.get("parts")).get("directory/shop")).clear();

    assertThatThrownBy(() -> intake.apply(forged))
        .isInstanceOf(PartIntake.OutOfStepException.class)
        .hasMessageContaining("expected version " + GOOD.version());
    assertThat(inForce()).isEqualTo(FIRST.version());
  }

  @Test
  void everythingThatDoesNotFitIsNotAskedForAgain() throws Exception {
    Map<String, Object> forged = delta(PartSet.NONE, GOOD, 1);
    forged.put("version", "0123456789abcdef");

    assertThatThrownBy(() -> intake.apply(forged))
        .isInstanceOf(RefusedException.class)
        .isNotInstanceOf(PartIntake.OutOfStepException.class);
    assertThat(inForce()).isEmpty();
  }

  @Test
  void whatCannotBeAppliedIsRefusedAndTheNextChangeMendsIt() throws Exception {
    intake.apply(delta(PartSet.NONE, FIRST, 1));

    assertThatThrownBy(() -> intake.apply(delta(FIRST, BROKEN, 2)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not-an-address");
    assertThat(inForce()).isEqualTo(FIRST.version());

    intake.apply(delta(BROKEN, GOOD, 3));
    assertThat(inForce()).isEqualTo(GOOD.version());
  }

  @Test
  void anotherStreamBeginsWithWhatIsInForce() throws Exception {
    intake.apply(delta(PartSet.NONE, FIRST, 1));
    assertThatThrownBy(() -> intake.apply(delta(FIRST, BROKEN, 2)))
        .isInstanceOf(RefusedException.class);
    intake.begin();

    intake.apply(delta(FIRST, GOOD, 3));

    assertThat(inForce()).isEqualTo(GOOD.version());
  }

  @Test
  void garbageIsRefusedWithItsPlace() throws Exception {
    Map<String, Object> garbage = delta(PartSet.NONE, FIRST, 1);
    garbage.put("parts", Map.of("workload", Map.of("inbound", 7L)));

    assertThatThrownBy(() -> intake.apply(garbage))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("workload: inbound: expected a map");
    assertThatThrownBy(() -> intake.apply(Map.of("type", "delta")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the message has no parts");
  }
}
