package dev.weft.server.authority;

import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.jcajce.provider.asymmetric.ec.SignatureSpi;

/**
 * Checks ECDSA signatures by Bouncy Castle's arithmetic. After a restart every agent's chain is
 * checked once, in a JVM that is cold, and one check of P-256 takes the JDK's own 1.1 ms then (2.1
 * ms on JDK 25), this one 0.2 ms. It is asked by name only, and signs nothing: no secret comes
 * here. Not Bouncy Castle's whole provider, whose classes take a quarter of a second to load.
 * Stateless.
 */
final class EcdsaChecks {
  private static final Set<String> ALGORITHMS =
      Set.of("SHA256WITHECDSA", "SHA384WITHECDSA", "SHA512WITHECDSA");

  private static final Provider PROVIDER = new Checks();

  private EcdsaChecks() {}

  @SuppressWarnings("serial") // providers are, and nobody writes one
  private static final class Checks extends Provider {
    Checks() {
      super("WeftEcdsaChecks", "1", "ECDSA verification by Bouncy Castle");
      put("Signature.SHA256withECDSA", SignatureSpi.ecDSA256.class.getName());
      put("Signature.SHA384withECDSA", SignatureSpi.ecDSA384.class.getName());
      put("Signature.SHA512withECDSA", SignatureSpi.ecDSA512.class.getName());
    }
  }

  /** Whether it can check signatures of this algorithm, by its name in JCA. */
  static boolean knows(String algorithm) {
    return ALGORITHMS.contains(algorithm.toUpperCase(Locale.ROOT));
  }

  /** Whether it can check the signatures of all these. */
  static boolean know(Collection<X509Certificate> certificates) {
    return certificates.stream().allMatch(certificate -> knows(certificate.getSigAlgName()));
  }

  static Provider provider() {
    return PROVIDER;
  }

  /** Its name, for who takes a provider by name only; it is registered behind all others. */
  static String name() {
    if (Security.getProvider(PROVIDER.getName()) == null) {
      Security.addProvider(PROVIDER);
    }
    return PROVIDER.getName();
  }
}
