package dev.weft.packer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainRecordTest {
  /** One component of every kind. */
  record Sample(
      String text,
      List<String> list,
      boolean flag,
      byte small,
      char letter,
      short shorter,
      int number,
      long wide,
      float real,
      double precise) {}

  private static final Object[] VALUES = {
    "a", List.of("b"), true, (byte) 1, 'c', (short) 2, 3, 4L, Float.NaN, -0.0
  };
  private static final Object[] OTHERS = {
    null, List.of(), false, (byte) 9, 'd', (short) 9, 9, 9L, 0f, 0.0
  };

  @Test
  void aRecordIsEqualToWhatItWasEqualTo() throws Exception {
    byte[] file = file();
    assertThat(new String(file, StandardCharsets.ISO_8859_1)).contains("ObjectMethods");

    Constructor<?> plain =
        new Defining()
            .define(Sample.class.getName(), PlainRecord.of(file))
            .getDeclaredConstructors()[0];
    plain.setAccessible(true);

    Object one = plain.newInstance(VALUES);
    assertThat(one).isEqualTo(plain.newInstance(VALUES)).isNotEqualTo("a").isNotEqualTo(null);
    assertThat(one).hasSameHashCodeAs(sample(VALUES));
    for (int i = 0; i < VALUES.length; i++) {
      Object[] values = VALUES.clone();
      values[i] = OTHERS[i];
      assertThat(one).isNotEqualTo(plain.newInstance(values));
      assertThat(plain.newInstance(values)).hasSameHashCodeAs(sample(values));
    }
  }

  @Test
  void otherClassesStayAsTheyAre() throws Exception {
    try (InputStream in = PlainRecordTest.class.getResourceAsStream("PlainRecordTest.class")) {
      byte[] file = in.readAllBytes();
      assertThat(PlainRecord.of(file)).isSameAs(file);
    }
  }

  private static Object sample(Object... values) throws Exception {
    return Sample.class.getDeclaredConstructors()[0].newInstance(values);
  }

  private static byte[] file() throws Exception {
    try (InputStream in =
        PlainRecordTest.class.getResourceAsStream("PlainRecordTest$Sample.class")) {
      return in.readAllBytes();
    }
  }

  private static final class Defining extends ClassLoader {
    Defining() {
      super(PlainRecordTest.class.getClassLoader());
    }

    Class<?> define(String name, byte[] file) {
      return defineClass(name, file, 0, file.length);
    }
  }
}
