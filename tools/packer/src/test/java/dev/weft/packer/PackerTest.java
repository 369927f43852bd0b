package dev.weft.packer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.Attribute;
import org.objectweb.asm.ByteVector;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

class PackerTest {
  private static final String SAMPLE = "dev.weft.packer.PackerTest$Sample";

  @TempDir private Path folder;

  /** Has a local variable, a line and a generic signature. */
  static final class Sample {
    private Sample() {}

    static List<String> twice(String word) {
      String copy = word;
      List<String> words = new ArrayList<>(List.of(word, copy));
      if (words.size() != 2) {
        throw new IllegalStateException();
      }
      return words;
    }
  }

  @Test
  void classesLoseTheNamesOfLocalVariablesAndDoTheSame() throws Exception {
    byte[] file = file(SAMPLE);
    assertThat(names(file)).contains("copy", "words");

    byte[] lean = LeanClass.of(file);

    assertThat(lean).hasSizeLessThan(file.length);
    assertThat(names(lean)).isEmpty();
    assertThat(lines(lean)).isEqualTo(lines(file)).isNotEmpty();
    Class<?> defined = new Defining().define(SAMPLE, lean);
    var twice = defined.getDeclaredMethod("twice", String.class);
    twice.setAccessible(true);
    assertThat(twice.invoke(null, "a")).isEqualTo(List.of("a", "a"));
    assertThat(twice.getGenericReturnType()).hasToString("java.util.List<java.lang.String>");
  }

  @Test
  void aClassWithAnAttributeThatNobodyKnowsStaysAsItIs() throws Exception {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(file(SAMPLE)).accept(writer, 0);
    writer.visitAttribute(new Unheard());
    byte[] file = writer.toByteArray();

    assertThat(LeanClass.of(file)).isSameAs(file);
  }

  @Test
  void theClassesOfAStartAreTogetherAndNamesWithoutAClassCountForNothing() throws Exception {
    Path classes = folder.resolve("inst");
    write(classes, SAMPLE);
    write(classes, "dev.weft.packer.Packer");
    write(classes, "dev.weft.packer.LeanClass");
    Files.createDirectories(classes.resolve("META-INF/weft"));
    Path names = folder.resolve("names");
    Files.write(names, List.of(SAMPLE, "dev.weft.Gone", "dev.weft.packer.Packer"));

    Packer.main(new String[] {classes.toString(), names.toString()});

    List<String> packed = new ArrayList<>();
    try (DataInputStream in = open(classes.resolve("META-INF/weft/start"))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        byte[] file = new byte[in.readInt()];
        in.readFully(file);
        assertThat(file).isEqualTo(Files.readAllBytes(path(classes, name)));
        packed.add(name);
      }
      assertThat(in.read()).isEqualTo(-1);
    }
    assertThat(packed).containsExactly(SAMPLE, "dev.weft.packer.Packer");
    assertThat(names(Files.readAllBytes(path(classes, "dev.weft.packer.LeanClass")))).isEmpty();
  }

  private static DataInputStream open(Path file) throws IOException {
    return new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)));
  }

  private static void write(Path folder, String name) throws IOException {
    Path path = path(folder, name);
    Files.createDirectories(path.getParent());
    Files.write(path, file(name));
  }

  private static Path path(Path folder, String name) {
    return folder.resolve(name.replace('.', '/') + ".classdata");
  }

  private static byte[] file(String name) throws IOException {
    try (InputStream in =
        PackerTest.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  /** Of local variables. */
  private static List<String> names(byte[] file) {
    List<String> names = new ArrayList<>();
    visit(
        file,
        new MethodVisitor(Opcodes.ASM9) {
          @Override
          public void visitLocalVariable(
              String name, String type, String generic, Label start, Label end, int index) {
            names.add(name);
          }
        });
    return names;
  }

  private static List<Integer> lines(byte[] file) {
    List<Integer> lines = new ArrayList<>();
    visit(
        file,
        new MethodVisitor(Opcodes.ASM9) {
          @Override
          public void visitLineNumber(int line, Label start) {
            lines.add(line);
          }
        });
    return lines;
  }

  private static void visit(byte[] file, MethodVisitor methods) {
    new ClassReader(file)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  String signature,
                  String[] exceptions) {
                return methods;
              }
            },
            0);
  }

  private static final class Defining extends ClassLoader {
    Defining() {
      super(PackerTest.class.getClassLoader());
    }

    Class<?> define(String name, byte[] file) {
      return defineClass(name, file, 0, file.length);
    }
  }

  private static final class Unheard extends Attribute {
    Unheard() {
      super("dev.weft.Unheard");
    }

    @Override
    protected ByteVector write(
        ClassWriter writer, byte[] code, int length, int maxStack, int maxLocals) {
      return new ByteVector().putShort(1);
    }
  }
}
