package dev.weft.it.contract;

import dev.weft.it.Jdk;
import dev.weft.it.SelfSigned;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The key and the self-signed certificate of a server that has TLS of its own.
 *
 * @param file PKCS #12; a trust store, too
 */
record Keys(Path file) {
  static final String PASSWORD = SelfSigned.PASSWORD;

  /** Those of a host; made once in each of the JVMs that run stories side by side. */
  static synchronized Keys of(String host) throws IOException {
    Path file = Results.folder().resolve(host + "-" + ProcessHandle.current().pid() + ".p12");
    if (!Files.exists(file)) {
      SelfSigned.keyStore(Jdk.current(), host, file);
    }
    return new Keys(file);
  }

  /** Makes server sockets that prove to be the host. */
  ServerSocketFactory sockets() throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context.getServerSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
