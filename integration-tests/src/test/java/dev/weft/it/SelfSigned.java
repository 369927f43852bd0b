package dev.weft.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Key stores of servers that have TLS of their own, made by the JDK's own tool. Stateless. */
public final class SelfSigned {
  /** Of every store. */
  public static final String PASSWORD = "changeit";

  private SelfSigned() {}

  /**
   * Makes a PKCS #12 with a key and the self-signed certificate of a host; it is a trust store,
   * too.
   *
   * @param file must not be there yet; its folder is made
   * @return the file
   */
  public static Path keyStore(Jdk jdk, String host, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Process keytool =
        new ProcessBuilder(
                jdk.tool("keytool").toString(),
                "-genkeypair",
                "-alias",
                host,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + host,
                "-ext",
                "san=dns:" + host,
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8); // till its end
    try {
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool failed: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    }
    return file;
  }
}
