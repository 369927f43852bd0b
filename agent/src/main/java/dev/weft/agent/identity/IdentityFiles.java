package dev.weft.agent.identity;

import dev.weft.agent.config.Settings;
import dev.weft.agent.log.Log;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provisioned identity: PEM files of an SVID that somebody else rotates. {@link #poll} notices
 * changes; a half-written or broken set keeps the last good identity. Confined to the polling
 * thread.
 */
public final class IdentityFiles {
  private final Path cert;
  private final Path key;
  private final Path bundle;
  private final IdentityStore identities;
  private final Log log;
  private byte @Nullable [] applied;
  private String problem = "";
  private int timesSeen;

  /** Reads the three files of the settings, which are all present. */
  public IdentityFiles(Settings settings, IdentityStore identities, Log log) {
    this.cert = settings.identityCert().orElseThrow();
    this.key = settings.identityKey().orElseThrow();
    this.bundle = settings.identityBundle().orElseThrow();
    this.identities = identities;
    this.log = log;
  }

  /** Publishes the identity in the files if it changed. Call it every second. */
  public void poll() {
    try {
      byte[] content = content();
      if (Arrays.equals(content, applied)) {
        return;
      }
      Identity identity = read();
      applied = content;
      problem = "";
      identities.publish(identity);
      log.info("identity loaded from files " + identity);
    } catch (IOException | GeneralSecurityException e) {
      report(String.valueOf(e.getMessage()));
    }
  }

  /** Three files cannot be replaced at once, so a mismatch is told only when it stays. */
  private void report(String message) {
    timesSeen = message.equals(problem) ? timesSeen + 1 : 1;
    problem = message;
    if (timesSeen == (identities.current() == null ? 1 : 3)) {
      log.error(
          "identity files refused: "
              + message
              + (identities.current() == null ? "" : "; the last good identity stays"));
    }
  }

  private byte[] content() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : List.of(cert, key, bundle)) {
      all.append(text(file)).append('\0');
    }
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Identity read() throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = certificates(cert);
    PrivateKey secret;
    try {
      secret = Pem.privateKey(text(key));
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("weft.identity.key " + key + ": " + e.getMessage(), e);
    }
    if (!belongTogether(secret, chain.get(0).getPublicKey())) {
      throw new GeneralSecurityException(
          "the key in " + key + " does not belong to the certificate in " + cert);
    }
    return Identity.of(secret, chain, certificates(bundle));
  }

  private static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try {
      return Pem.certificates(text(file));
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(file + ": " + e.getMessage(), e);
    }
  }

  private static boolean belongTogether(PrivateKey secret, PublicKey open)
      throws GeneralSecurityException {
    if (!secret.getAlgorithm().equals(open.getAlgorithm())) {
      return false;
    }
    boolean ec = secret.getAlgorithm().equals("EC");
    byte[] proof = "weft".getBytes(StandardCharsets.US_ASCII);
    String algorithm = ec ? "SHA256withECDSA" : "SHA256withRSA";
    String provider = ec ? Jdk.EC_PROVIDER : Jdk.RSA_PROVIDER;
    Signature signer = Signature.getInstance(algorithm, provider);
    signer.initSign(secret);
    signer.update(proof);
    Signature verifier = Signature.getInstance(algorithm, provider);
    verifier.initVerify(open);
    verifier.update(proof);
    return verifier.verify(signer.sign());
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IOException("cannot read " + file + " (" + e.getClass().getSimpleName() + ")", e);
    }
  }
}
