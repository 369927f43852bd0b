package dev.weft.agent.jul;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.utility.OpenedClassReader;
import org.junit.jupiter.api.Test;

/**
 * The agent's jar sends its libraries' {@code java.util.logging} to this package: what they call
 * must be here, or they fail at a moment that nobody has tested.
 */
class RelocatedLoggingTest {
  private static final String JUL = "java/util/logging/";
  private static final List<String> BUNDLED =
      List.of("byte-buddy", "bcpkix", "bcprov", "bcutil", "jackson", "opentelemetry", "snakeyaml");

  @Test
  void everythingThatTheLibrariesUseOfJavaUtilLoggingIsHere() throws Exception {
    Set<String> missing = new TreeSet<>();
    int jars = 0;
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = new File(path).getName();
      if (name.endsWith(".jar") && BUNDLED.stream().anyMatch(name::startsWith)) {
        jars++;
        for (String use : uses(new File(path))) {
          if (!offered(use)) {
            missing.add(use);
          }
        }
      }
    }

    assertThat(jars).isGreaterThanOrEqualTo(BUNDLED.size());
    assertThat(missing).isEmpty();
  }

  /** {@code owner.member descriptor}, or {@code owner} where only the type is mentioned. */
  private static Set<String> uses(File jar) throws IOException {
    Set<String> uses = new TreeSet<>();
    try (JarFile file = new JarFile(jar)) {
      for (JarEntry entry : Collections.list(file.entries())) {
        String name = entry.getName();
        // The agent's jar leaves META-INF/versions out.
        if (name.endsWith(".class") && !name.startsWith("META-INF/")) {
          try (InputStream in = file.getInputStream(entry)) {
            byte[] bytes = in.readAllBytes();
            if (new String(bytes, StandardCharsets.ISO_8859_1).contains(JUL)) {
              collect(bytes, uses);
            }
          }
        }
      }
    }
    return uses;
  }

  private static void collect(byte[] classFile, Set<String> uses) {
    OpenedClassReader.of(classFile)
        .accept(
            new ClassVisitor(OpenedClassReader.ASM_API) {
              @Override
              public void visit(
                  int version,
                  int access,
                  String name,
                  String signature,
                  String superName,
                  String[] interfaces) {
                type(superName);
                Stream.of(interfaces).forEach(this::type);
              }

              @Override
              public FieldVisitor visitField(
                  int access, String name, String descriptor, String signature, Object value) {
                return null;
              }

              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  String signature,
                  String[] exceptions) {
                return new MethodVisitor(OpenedClassReader.ASM_API) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String called, String type, boolean isInterface) {
                    member(owner, called, type);
                  }

                  @Override
                  public void visitFieldInsn(int opcode, String owner, String read, String type) {
                    member(owner, read, type);
                  }

                  @Override
                  public void visitTypeInsn(int opcode, String used) {
                    type(used);
                  }

                  @Override
                  public void visitInvokeDynamicInsn(
                      String called, String type, Handle bootstrap, Object... arguments) {
                    for (Object argument : arguments) {
                      if (argument instanceof Handle handle) {
                        member(handle.getOwner(), handle.getName(), handle.getDesc());
                      }
                    }
                  }
                };
              }

              private void type(String name) {
                if (name != null && name.startsWith(JUL)) {
                  uses.add(name);
                }
              }

              private void member(String owner, String name, String descriptor) {
                if (owner.startsWith(JUL)) {
                  uses.add(owner + "." + name + " " + descriptor);
                }
              }
            },
            ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
  }

  private static boolean offered(String use) throws IOException {
    String relocated = use.replace(JUL, "dev/weft/agent/jul/");
    int dot = relocated.indexOf('.');
    String owner = dot < 0 ? relocated : relocated.substring(0, dot);
    try (InputStream in = RelocatedLoggingTest.class.getResourceAsStream("/" + owner + ".class")) {
      return in != null
          && (dot < 0 || members(in.readAllBytes()).contains(relocated.substring(dot + 1)));
    }
  }

  private static Set<String> members(byte[] classFile) {
    Set<String> members = new TreeSet<>();
    OpenedClassReader.of(classFile)
        .accept(
            new ClassVisitor(OpenedClassReader.ASM_API) {
              @Override
              public FieldVisitor visitField(
                  int access, String name, String descriptor, String signature, Object value) {
                members.add(name + " " + descriptor);
                return null;
              }

              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  String signature,
                  String[] exceptions) {
                members.add(name + " " + descriptor);
                return null;
              }
            },
            ClassReader.SKIP_CODE);
    return members;
  }
}
