package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.SettingsReader;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFilesTest {
  private static final String PAY = "spiffe://a.test/ns/default/sa/pay";
  private final TestAuthority authority = TestAuthority.create();
  private final IdentityStore identities = new IdentityStore();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  @TempDir Path folder;
  private IdentityFiles files;

  @BeforeEach
  void prepare() {
    String arguments =
        "identity.cert=%1$s/cert,identity.key=%1$s/key,identity.bundle=%1$s/bundle"
            .formatted(folder);
    files =
        new IdentityFiles(
            SettingsReader.read(arguments, Map.of(), Map.of(), warning -> {}),
            identities,
            new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8)));
  }

  private void write(Identity identity) throws Exception {
    Files.writeString(folder.resolve("cert"), Pem.of(identity.leaf()));
    writeKey(identity);
    Files.writeString(folder.resolve("bundle"), Pem.of(authority.root));
  }

  private void writeKey(Identity identity) throws IOException {
    Files.writeString(folder.resolve("key"), Pem.block("PRIVATE KEY", identity.key().getEncoded()));
  }

  private String log() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aRotationIsTakenOnceKeyAndCertificateFit() throws Exception {
    Identity first = authority.identity(PAY);
    Identity second = authority.identity(PAY);
    write(first);
    files.poll();
    assertThat(identities.current()).isEqualTo(first);

    Files.writeString(folder.resolve("cert"), Pem.of(second.leaf()));
    files.poll();
    assertThat(identities.current()).isEqualTo(first);
    assertThat(log()).doesNotContain("ERROR");

    writeKey(second);
    files.poll();
    assertThat(identities.current()).isEqualTo(second);
    files.poll();
    assertThat(log().lines()).hasSize(2);
  }

  @Test
  void filesThatStayBrokenAreToldOnceAndTheLastGoodIdentityStays() throws Exception {
    Identity first = authority.identity(PAY);
    write(first);
    files.poll();
    writeKey(authority.identity(PAY));
    for (int i = 0; i < 10; i++) {
      files.poll();
    }

    assertThat(identities.current()).isEqualTo(first);
    assertThat(log().lines().filter(line -> line.contains("ERROR")))
        .singleElement()
        .asString()
        .contains("does not belong to the certificate", "the last good identity stays");
  }

  @Test
  void missingFilesAreNamed() {
    files.poll();

    assertThat(identities.current()).isNull();
    assertThat(log()).contains("cannot read " + folder.resolve("cert"));
  }
}
