package dev.weft.policy.validate;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.KeyCertificates;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All checks between documents. Stateless; pure. */
public final class Validation {
  private Validation() {}

  /**
   * What the checks found.
   *
   * @param hints what was probably meant where a reference is dead, by its place
   */
  public record Result(List<Diagnostic> diagnostics, Map<Place, String> hints) {}

  /** Everything that is probably not meant, in order of place. */
  public static Result validate(Facts facts) {
    Findings findings = new Findings();
    Scene scene = Scene.of(facts);
    RuleOrder.check(scene, findings);
    Weights.check(scene, findings);
    Timeouts.check(scene, findings);
    Selections.check(scene, findings);
    MtlsHoles.check(scene, findings);
    Principals.check(scene, findings);
    Hosts.check(scene, findings);
    Certificates.check(scene, findings);
    keys(scene, findings);
    PolicyPorts.check(scene, findings);
    Backends.check(scene, findings);
    return new Result(findings.sorted(), References.hints(scene));
  }

  private static void keys(Scene scene, Findings findings) {
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.RequestAuthenticationSpec spec) {
        for (Spec.JwtSource source : spec.rules()) {
          for (String problem : KeyCertificates.problems(source.rule().jwks())) {
            findings.add(Code.CERTIFICATE_OF_ANOTHER_KEY, source.place(), problem);
          }
        }
      }
    }
  }

  /** Collects findings; each once. Confined to one validation. */
  static final class Findings {
    private final Set<Diagnostic> diagnostics = new LinkedHashSet<>();

    void add(Code code, Place place, String message) {
      diagnostics.add(code.at(place, message));
    }

    void add(Code code, Document document, String message) {
      add(code, document.place(), message);
    }

    private List<Diagnostic> sorted() {
      List<Diagnostic> sorted = new ArrayList<>(diagnostics);
      Collections.sort(sorted);
      return List.copyOf(sorted);
    }
  }
}
