package dev.weft.policy.document;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The certificates that stand beside the keys of a key set ({@code x5c}, RFC 7517, section 4.7).
 * Agents go by the keys; a certificate of another key says that one of both was pasted wrongly.
 * Stateless.
 */
public final class KeyCertificates {
  private KeyCertificates() {}

  /** What does not fit, as sentences; nothing of a text that is no key set, which others say. */
  public static List<String> problems(String jwks) {
    List<String> problems = new ArrayList<>();
    try {
      // JSON is YAML; what this reader refuses as too deep is no key set.
      Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(jwks);
      if (tree instanceof Map<?, ?> set && set.get("keys") instanceof List<?> keys) {
        for (int i = 0; i < keys.size(); i++) {
          if (keys.get(i) instanceof Map<?, ?> key && key.get("x5c") instanceof List<?> chain) {
            String name = key.get("kid") == null ? "key " + i : "key \"" + key.get("kid") + "\"";
            String problem = chain.isEmpty() ? "is empty" : problem(key, chain.get(0));
            if (!problem.isEmpty()) {
              problems.add("x5c of " + name + " " + problem);
            }
          }
        }
      }
    } catch (YAMLException | IllegalArgumentException e) { // the latter of a date that is none
      return List.of();
    }
    return problems;
  }

  private static String problem(Map<?, ?> key, Object first) {
    PublicKey certified;
    try {
      byte[] der = Base64.getDecoder().decode(String.valueOf(first));
      certified =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der))
              .getPublicKey();
    } catch (IllegalArgumentException | CertificateException e) {
      return "holds no certificate; expected DER in base64, and neither PEM nor base64url";
    }
    return same(key, certified)
        ? ""
        : "certifies another key than the one that stands beside it, which counts";
  }

  private static boolean same(Map<?, ?> key, PublicKey certified) {
    if (certified instanceof RSAPublicKey rsa) {
      return same(key, "n", rsa.getModulus()) && same(key, "e", rsa.getPublicExponent());
    }
    return !(certified instanceof ECPublicKey ec)
        || (same(key, "x", ec.getW().getAffineX()) && same(key, "y", ec.getW().getAffineY()));
  }

  /** A number that is missing is the same: then the key is none, and its reader says so. */
  private static boolean same(Map<?, ?> key, String name, BigInteger number) {
    if (!(key.get(name) instanceof String text)) {
      return true;
    }
    try {
      return new BigInteger(1, Base64.getUrlDecoder().decode(text)).equals(number);
    } catch (IllegalArgumentException e) {
      return true;
    }
  }
}
