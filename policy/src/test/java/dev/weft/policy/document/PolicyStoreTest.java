package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyStoreTest {
  private static final String STRICT = peerAuthentication("a", "STRICT");
  private static final String BROKEN = peerAuthentication("a", "STRIKT");

  @Test
  void aBrokenDocumentLeavesItsLastGoodVersionInForce() {
    PolicyStore store = update(update(PolicyStore.empty(), STRICT), BROKEN);

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a STRICT");
    assertThat(store.diagnostics()).hasSize(1);
    assertThat(store.documents())
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.accepted()).isFalse();
              assertThat(status.stale()).isTrue();
              assertThat(status.messages()).hasSize(1);
            });
  }

  @Test
  void aBrokenDocumentWithoutGoodVersionIsNotInForce() {
    PolicyStore store = update(PolicyStore.empty(), BROKEN);

    assertThat(store.inForce()).isEmpty();
    assertThat(store.documents()).singleElement().matches(status -> !status.stale());
  }

  @Test
  void aBrokenSecurityDocumentFailsClosedUntilItHasAGoodVersion() {
    PolicyStore broken = update(PolicyStore.empty(), BROKEN);
    PolicyStore stillBroken = update(broken, BROKEN + "# edited\n");
    PolicyStore good = update(stillBroken, STRICT);
    PolicyStore stale = update(good, BROKEN);

    for (PolicyStore store : List.of(broken, stillBroken)) {
      assertThat(store.failClosed())
          .extracting(Document::title)
          .containsExactly("PeerAuthentication default/a (broken)");
      assertThat(store.diagnostics()).anyMatch(d -> d.code().equals(Code.FAILS_CLOSED.id()));
    }
    assertThat(good.failClosed()).isEmpty();
    assertThat(stale.failClosed()).isEmpty();
    assertThat(update(broken, "").failClosed()).isEmpty();
  }

  @Test
  void aBrokenDocumentDoesNotHoldUpItsNeighbours() {
    PolicyStore before =
        update(PolicyStore.empty(), STRICT + "---\n" + peerAuthentication("b", "STRICT"));
    PolicyStore store = update(before, BROKEN + "---\n" + peerAuthentication("b", "DISABLE"));

    assertThat(titles(store))
        .containsExactly(
            "PeerAuthentication default/a STRICT", "PeerAuthentication default/b DISABLE");
  }

  @Test
  void theLastGoodVersionStaysHoweverOftenTheTextIsBroken() {
    PolicyStore store = update(PolicyStore.empty(), STRICT);
    for (int i = 0; i < 5; i++) {
      store = update(store, BROKEN + "# edit " + i + "\n");
    }

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a STRICT");
  }

  @Test
  void aRepairedDocumentIsInForceAtOnce() {
    PolicyStore store = update(PolicyStore.empty(), STRICT);
    store = update(store, BROKEN);
    store = update(store, peerAuthentication("a", "DISABLE"));

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a DISABLE");
    assertThat(store.diagnostics()).isEmpty();
    assertThat(store.documents()).singleElement().matches(status -> !status.stale());
  }

  @Test
  void aFileThatIsNotYamlKeepsAllDocumentsLastReadFromIt() {
    PolicyStore before =
        update(PolicyStore.empty(), STRICT + "---\n" + peerAuthentication("b", "STRICT"));
    PolicyStore store = update(before, "a: [");

    assertThat(titles(store)).hasSize(2);
    assertThat(store.documents()).filteredOn(DocumentStatus::stale).hasSize(2);
    assertThat(store.diagnostics())
        .singleElement()
        .satisfies(found -> assertThat(found.code()).isEqualTo(Code.SYNTAX.id()));
  }

  @Test
  void aDeletedFileRemovesItsDocuments() {
    PolicyStore store = update(PolicyStore.empty(), STRICT).update(List.of());

    assertThat(store.inForce()).isEmpty();
    assertThat(store.documents()).isEmpty();
  }

  @Test
  void aDeletedFileRemovesEvenWhatWasStale() {
    PolicyStore store = update(update(PolicyStore.empty(), STRICT), "a: [");

    assertThat(store.update(List.of()).inForce()).isEmpty();
  }

  @Test
  void aDocumentTakenOutOfAReadableFileIsRemoved() {
    PolicyStore before =
        update(PolicyStore.empty(), STRICT + "---\n" + peerAuthentication("b", "STRICT"));

    assertThat(titles(update(before, STRICT)))
        .containsExactly("PeerAuthentication default/a STRICT");
  }

  @Test
  void aDocumentThatLostItsNameKeepsWhatItMayHaveBeen() {
    PolicyStore before = update(PolicyStore.empty(), STRICT);
    PolicyStore store = update(before, STRICT.replace("name: a", "nmae: a"));

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a STRICT");
    assertThat(store.documents()).filteredOn(DocumentStatus::stale).hasSize(1);
  }

  @Test
  void aDocumentThatLostItsKindKeepsWhatItMayHaveBeen() {
    PolicyStore before =
        update(PolicyStore.empty(), STRICT + "---\n" + peerAuthentication("b", "STRICT"));
    PolicyStore store = update(before, STRICT.replace("PeerAuth", "PearAuth"));

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a STRICT");
  }

  @Test
  void aDocumentMayMoveToAnotherFile() {
    PolicyStore before = update(PolicyStore.empty(), STRICT);
    PolicyStore store = before.update(List.of(new SourceFile("other.yaml", STRICT)));

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a STRICT");
    assertThat(store.documents()).singleElement().matches(status -> status.accepted());
  }

  @Test
  void ofTwoDocumentsOfOneNameTheFirstFileWins() {
    SourceFile one = new SourceFile("1.yaml", STRICT);
    SourceFile two = new SourceFile("2.yaml", peerAuthentication("a", "DISABLE"));
    PolicyStore store = PolicyStore.empty().update(List.of(two, one));

    assertThat(titles(store)).containsExactly("PeerAuthentication default/a STRICT");
    assertThat(store.diagnostics())
        .singleElement()
        .satisfies(
            found ->
                assertThat(found.toString())
                    .startsWith("2.yaml:1:1 WEFT012 ")
                    .contains("1.yaml:1:1"));
  }

  @Test
  void theSameFilesGiveTheSameStore() {
    PolicyStore store = update(PolicyStore.empty(), STRICT + "---\n" + BROKEN);
    PolicyStore again = update(store, STRICT + "---\n" + BROKEN);

    assertThat(again.inForce()).isEqualTo(store.inForce());
    assertThat(again.diagnostics()).isEqualTo(store.diagnostics());
    assertThat(again.documents()).isEqualTo(store.documents());
  }

  private static PolicyStore update(PolicyStore store, String text) {
    return store.update(List.of(new SourceFile("mesh.yaml", text)));
  }

  private static List<String> titles(PolicyStore store) {
    return store.inForce().stream()
        .map(
            document ->
                document.title()
                    + " "
                    + ((Spec.PeerAuthenticationSpec) document.spec()).mode().orElseThrow())
        .toList();
  }

  private static String peerAuthentication(String name, String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: %s}
    spec:
      selector: {matchLabels: {app: %s}}
      mtls: {mode: %s}
    """
        .formatted(name, name, mode);
  }
}
