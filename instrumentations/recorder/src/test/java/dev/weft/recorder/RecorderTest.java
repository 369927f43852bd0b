package dev.weft.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.members.Recording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/** What an adapter's class files say about the library is written down, and nothing else. */
class RecorderTest {
  private static final String OURS = "dev.weft.instrumentation.sample.";

  /** The adapter's classes, without the library's. */
  @TempDir private Path folder;

  @BeforeEach
  void copyTheAdapter() throws Exception {
    Path tests =
        Path.of(RecorderTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(tests)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(tests.resolve("lib"))) {
          Path copy = folder.resolve(tests.relativize(file).toString());
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
  }

  @Test
  void everyKindOfReferenceIsRecorded() throws Exception {
    assertThat(lines())
        .containsExactly(
            "extends " + OURS + "MeshClient lib.Client",
            "extends " + OURS + "MeshFilter lib.Filter",
            "field lib.Client host:Ljava/lang/String;",
            "field lib.Client sent:I",
            "hidden-field lib.Client filter:Llib/Filter;",
            "hidden-method lib.Client <init>()V",
            "hidden-setter lib.Client filter:Llib/Filter;",
            "hidden-static-method lib.Client create()Llib/Client;",
            "interface-method lib.Filter describe()Ljava/lang/String;",
            "lambda lib.Filter filter(Ljava/lang/String;)Ljava/lang/String;",
            "method lib.Client <init>()V",
            "method lib.Client close()V",
            "method lib.Client send(Ljava/lang/String;)Ljava/lang/String;",
            "method lib.Client use(Llib/Filter;)V",
            "optional hidden-method lib.Client closeLater()V",
            "optional method lib.Failure <init>()V",
            "optional static-method lib.Client create()Llib/Client;",
            "optional static-method lib.Newer news()Ljava/lang/String;",
            "optional type lib.Newer",
            "overrides lib.Client send(Ljava/lang/String;)Ljava/lang/String;",
            "overrides lib.Filter filter(Ljava/lang/String;)Ljava/lang/String;",
            "provides " + OURS + "MeshClient send(Ljava/lang/String;)Ljava/lang/String;",
            "provides " + OURS + "MeshFilter filter(Ljava/lang/String;)Ljava/lang/String;",
            "start " + OURS + "Hidden",
            "static-field lib.Client TRIES:Ljava/lang/Integer;",
            "static-interface-method lib.Filter order()I",
            "subtype lib.Client java.lang.AutoCloseable",
            "type lib.Client",
            "type lib.Failure",
            "type lib.Filter");
  }

  @Test
  void whatNoAdviceLeadsToIsNotRecorded() throws Exception {
    assertThat(lines()).noneMatch(line -> line.contains("Untouched"));
  }

  @Test
  void theSameClassesGiveTheSameTextAndTheFileIsNotTouchedAgain() throws Exception {
    Recorder.main(new String[] {folder.toString(), ""});
    Path file = folder.resolve(Recording.resource("sample"));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1000));

    Recorder.main(new String[] {folder.toString(), ""});

    assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(1000));
    assertThat(Recording.parse("sample", Files.readString(file))).isEqualTo(recording());
  }

  @Test
  void aRecordingOfAnEarlierBuildIsReplacedAndAForgottenOneGoes() throws Exception {
    Path file = folder.resolve(Recording.resource("sample"));
    Path forgotten = folder.resolve(Recording.resource("forgotten"));
    Files.createDirectories(file.getParent());
    Files.writeString(file, "type lib.Gone\n");
    Files.writeString(forgotten, "type lib.Gone\n");

    Recorder.main(new String[] {folder.toString(), ""});

    assertThat(Files.readString(file)).isEqualTo(recording().text());
    assertThat(forgotten).doesNotExist();
  }

  @Test
  void aModuleWithoutInstrumentationFailsTheBuild(@TempDir Path empty) {
    assertThatThrownBy(() -> Recorder.main(new String[] {empty.toString(), ""}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no instrumentation");
  }

  @Test
  void aLookUpWithoutLiteralsFailsTheBuild() {
    MethodInsnNode call = lookUp(new VarInsnNode(Opcodes.ALOAD, 1));

    assertThatThrownBy(() -> HiddenLookup.need(call, "Sample.look"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Sample.look calls HiddenMembers.type with what is no literal");
  }

  @Test
  void aLookUpByLiteralsPasses() {
    MethodInsnNode call = lookUp(new LdcInsnNode("lib.Client"));

    assertThat(HiddenLookup.need(call, "Sample.look")).hasToString("type lib.Client");
  }

  private static MethodInsnNode lookUp(AbstractInsnNode argument) {
    MethodInsnNode call =
        new MethodInsnNode(
            Opcodes.INVOKEVIRTUAL,
            "dev/weft/instrumentation/HiddenMembers",
            "type",
            "(Ljava/lang/String;)Ljava/lang/Class;");
    InsnList code = new InsnList();
    code.add(argument);
    code.add(call);
    code.add(new InsnNode(Opcodes.RETURN));
    return call;
  }

  private List<String> lines() {
    return recording().text().lines().skip(1).toList();
  }

  private Recording recording() {
    List<Recording> recordings = Recorder.record(folder, getClass().getClassLoader());
    assertThat(recordings).extracting(Recording::hook).containsExactly("sample");
    return recordings.get(0);
  }
}
