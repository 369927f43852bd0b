package dev.weft.bootstrap;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentStartTest {
  @TempDir Path folder;

  @Test
  void onlyTheFirstCallerGetsAJarStarted() throws IOException {
    Path jar = folder.resolve("empty.jar");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry("inst/META-INF/weft/start"));
      out.write(new byte[Integer.BYTES]); // no classes
    }
    Instrumentation none =
        (Instrumentation)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Instrumentation.class},
                (proxy, method, arguments) -> null);

    assertThatThrownBy(() -> AgentStart.start(jar.toFile(), "", none))
        .isInstanceOf(ClassNotFoundException.class)
        .hasMessageContaining("dev.weft.agent.Agent");
    assertThatThrownBy(() -> AgentStart.start(jar.toFile(), "", none))
        .isInstanceOf(IllegalStateException.class);
  }
}
