package dev.weft.packer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

class FoldedLambdasTest {
  private static final String PACKAGE = "dev/weft/packer";

  /** Every kind of expression that can be folded. */
  static class Sample implements Supplier<List<Object>> {
    private final String own = "own";
    private final List<Object> said = new ArrayList<>();

    @Override
    public List<Object> get() {
      byte small = 3;
      long wide = 1L << 40;
      double real = 0.5;
      String text = "text";
      String none = null;
      this.<String, Object>say(each -> each.length(), "four");
      this.<String, Object>say(each -> own + each + small + wide + real + text + none, "+");
      this.<String, Integer>say(String::length, "sixsix");
      this.<String, String>say(text::concat, "!");
      this.<String, Object>say(StringBuilder::new, "new");
      this.<Integer, String>say(Integer::toHexString, 255);
      this.<String, Character>say(each -> each.charAt(0), "c");
      BiFunction<Integer, Long, Long> sum = (a, b) -> a + b + wide;
      said.add(sum.apply(1, 2L));
      ToLongFunction<String> counted = each -> each.length() + wide;
      said.add(counted.applyAsLong("1"));
      ToLongFunction<String> parsed = Long::valueOf;
      said.add(parsed.applyAsLong("12"));
      IntUnaryOperator twice = each -> 2 * each;
      said.add(twice.applyAsInt(21));
      Supplier<Object> nested = () -> ((Supplier<String>) () -> own + wide).get();
      said.add(nested.get());
      Runnable ignored = text::length;
      ignored.run();
      List.of(3, 1, 2).stream().sorted((a, b) -> b - a).forEach(said::add);
      return said;
    }

    private <T, R> void say(Function<T, R> function, T value) {
      said.add(String.valueOf(function.apply(value)));
    }
  }

  /** Its lambdas have the names of its parent's: they may not override them. */
  static final class Child extends Sample {
    private final String mine = "mine";

    @Override
    public List<Object> get() {
      List<Object> said = super.get();
      Function<String, Object> one = each -> mine + each;
      Function<String, Object> two = each -> mine + mine + each;
      said.add(one.apply("1"));
      said.add(two.apply("2"));
      return said;
    }
  }

  /** What only its class may call. */
  static final class Hidden implements Supplier<List<Object>> {
    @Override
    public List<Object> get() {
      Function<String, Object> function = this::twice;
      return List.of(function.apply("a"));
    }

    private String twice(String word) {
      return word + word;
    }
  }

  @Test
  void foldedLambdasDoTheSame() throws Exception {
    Map<String, byte[]> folded = fold(Sample.class, Child.class);

    assertThat(bootstraps(folded.get(Sample.class.getName()))).isEmpty();
    assertThat(bootstraps(folded.get(Child.class.getName()))).isEmpty();
    assertThat(folded.keySet())
        .contains("dev.weft.packer.Folded$java_util_function_Function")
        .hasSize(2 + 8);
    assertThat((Object) run(folded, Child.class)).isEqualTo(new Child().get());
  }

  @Test
  void aReferenceToWhatOnlyItsClassMayCallStays() throws Exception {
    Map<String, byte[]> folded = fold(Hidden.class);

    assertThat(folded).hasSize(1);
    assertThat(folded.get(Hidden.class.getName())).isEqualTo(file(Hidden.class));
    assertThat((Object) run(folded, Hidden.class)).isEqualTo(List.of("aa"));
  }

  private static Map<String, byte[]> fold(Class<?>... types) throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (Class<?> type : types) {
      files.add(file(type));
    }
    FoldedLambdas lambdas = new FoldedLambdas(PACKAGE, files);
    Map<String, byte[]> folded = new HashMap<>();
    for (int i = 0; i < types.length; i++) {
      folded.put(types[i].getName(), lambdas.fold(files.get(i)));
    }
    lambdas.classes().forEach((name, file) -> folded.put(name.replace('/', '.'), file));
    return folded;
  }

  private static List<?> run(Map<String, byte[]> folded, Class<?> type) throws Exception {
    var constructor =
        Class.forName(type.getName(), true, new Folded(folded)).getDeclaredConstructor();
    constructor.setAccessible(true);
    return (List<?>) ((Supplier<?>) constructor.newInstance()).get();
  }

  private static byte[] file(Class<?> type) throws IOException {
    try (InputStream in =
        type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class")) {
      return in.readAllBytes();
    }
  }

  private static List<String> bootstraps(byte[] file) {
    List<String> found = new ArrayList<>();
    new ClassReader(file)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String type, String signature, String[] exceptions) {
                return new MethodVisitor(Opcodes.ASM9) {
                  @Override
                  public void visitInvokeDynamicInsn(
                      String method, String factory, Handle bootstrap, Object... arguments) {
                    found.add(bootstrap.getName() + " " + method + factory);
                  }
                };
              }
            },
            0);
    return found;
  }

  /** Asks itself first, and verifies what it loads. */
  private static final class Folded extends ClassLoader {
    private final Map<String, byte[]> files;

    Folded(Map<String, byte[]> files) {
      super(FoldedLambdasTest.class.getClassLoader());
      this.files = files;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      byte[] file = files.get(name);
      if (file == null) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? defineClass(name, file, 0, file.length) : loaded;
    }
  }
}
