package dev.weft.policy.validate;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Spec.PeerAuthenticationSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Places where plaintext gets in although everything around says that it shall not. */
final class MtlsHoles {
  private static final int LEAST_V4 = 8;
  private static final int LEAST_V6 = 16;

  private MtlsHoles() {}

  static void check(Scene scene, Validation.Findings findings) {
    weakerThanAround(scene, findings);
    identitiesOnly(scene, findings);
    needless(scene, findings);
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.MeshConfigSpec spec) {
        spec.meshNetworks().forEach(network -> wide(network, document, findings));
      }
    }
  }

  /** A mode and the document that says so. */
  private record Said(MtlsMode mode, String title) {}

  private static void weakerThanAround(Scene scene, Validation.Findings findings) {
    Optional<Said> mesh = Optional.empty();
    Optional<Said> config = Optional.empty();
    Map<String, Said> namespaces = new HashMap<>();
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.MeshConfigSpec spec && config.isEmpty()) {
        config = spec.mtls().map(mode -> new Said(mode, document.title()));
      } else if (document.spec() instanceof PeerAuthenticationSpec spec
          && spec.selector().isEmpty()
          && spec.mode().isPresent()) {
        Said said = new Said(spec.mode().get(), document.title());
        if (Scene.isRoot(document.namespace())) {
          mesh = mesh.isEmpty() ? Optional.of(said) : mesh;
        } else {
          namespaces.putIfAbsent(document.namespace(), said);
        }
      }
    }
    Optional<Said> all = mesh.isPresent() ? mesh : config;
    for (Document document : scene.documents()) {
      if (!(document.spec() instanceof PeerAuthenticationSpec spec)) {
        continue;
      }
      boolean root = Scene.isRoot(document.namespace());
      Optional<Said> around =
          spec.selector().isEmpty()
              ? (root ? config : all)
              : Optional.ofNullable(namespaces.get(document.namespace())).or(() -> all);
      if (spec.mode().isPresent()) {
        hole(document, spec.mode().get(), around, "", findings);
        around = Optional.of(new Said(spec.mode().get(), "the rest of this document"));
      }
      for (Map.Entry<Integer, MtlsMode> port : spec.portModes().entrySet()) {
        hole(document, port.getValue(), around, "port " + port.getKey() + " is ", findings);
      }
    }
  }

  private static void hole(
      Document document,
      MtlsMode mode,
      Optional<Said> around,
      String what,
      Validation.Findings findings) {
    if (around.isEmpty() || around.get().mode() != MtlsMode.STRICT || mode == MtlsMode.STRICT) {
      return;
    }
    findings.add(
        mode == MtlsMode.DISABLE ? Code.DISABLED_HOLE : Code.PERMISSIVE_HOLE,
        document,
        what
            + mode
            + ", while "
            + around.get().title()
            + " makes everything around it STRICT: "
            + (mode == MtlsMode.DISABLE
                ? "all of its traffic is plaintext"
                : "plaintext callers get in here"));
  }

  /** Policies that no plaintext caller ever fits, on ports where plaintext is let in first. */
  private static void identitiesOnly(Scene scene, Validation.Findings findings) {
    Set<String> said = new HashSet<>();
    for (Facts.Member member : scene.facts().members()) {
      for (AccessPolicy policy : member.inbound().policies()) {
        Document document = scene.byTitle().get(policy.name());
        if (document == null || policy.dryRun() || !asksForIdentities(policy)) {
          continue;
        }
        for (int port : member.listening()) {
          Inbound.Mtls mtls = member.inbound().mtls(port);
          if (mtls.mode() == MtlsMode.DISABLE && said.add("D" + policy.name())) {
            findings.add(
                Code.IDENTITIES_ON_DISABLED,
                document,
                "port "
                    + port
                    + " of \""
                    + member.inbound().service()
                    + "\" has mode DISABLE by "
                    + mtls.rule()
                    + ", so no caller has an identity there and nobody is allowed");
          } else if (mtls.mode() == MtlsMode.PERMISSIVE
              && scene.byTitle().containsKey(mtls.rule())
              && said.add("P" + policy.name())) {
            findings.add(
                Code.IDENTITIES_ON_PERMISSIVE,
                document,
                "only identities are allowed, but port "
                    + port
                    + " of \""
                    + member.inbound().service()
                    + "\" is PERMISSIVE by "
                    + mtls.rule()
                    + "; STRICT would refuse the others at their first byte");
          }
        }
      }
    }
  }

  private static boolean asksForIdentities(AccessPolicy policy) {
    if (policy.action() != AccessPolicy.Action.ALLOW || policy.rules().isEmpty()) {
      return false;
    }
    for (AccessRule rule : policy.rules()) {
      if (rule.from().isEmpty() || !rule.from().stream().allMatch(MtlsHoles::asksForIdentity)) {
        return false;
      }
    }
    return true;
  }

  private static boolean asksForIdentity(AccessRule.Source source) {
    return !source.principals().isEmpty()
        || !source.notPrincipals().isEmpty()
        || !source.namespaces().isEmpty()
        || !source.notNamespaces().isEmpty();
  }

  /** Of running workloads it is known that they are in the mesh: they enrolled. */
  private static void needless(Scene scene, Validation.Findings findings) {
    if (!scene.facts().live()) {
      return;
    }
    Set<String> said = new HashSet<>();
    for (Facts.Member member : scene.facts().members()) {
      List<Inbound.Mtls> modes = new ArrayList<>();
      modes.add(member.inbound().mtls());
      modes.addAll(member.inbound().portMtls().values());
      for (Inbound.Mtls mtls : modes) {
        Document document = scene.byTitle().get(mtls.rule());
        if (mtls.mode() == MtlsMode.PERMISSIVE && document != null && said.add(mtls.rule())) {
          findings.add(
              Code.NEEDLESSLY_PERMISSIVE,
              document,
              "PERMISSIVE, although all "
                  + scene.facts().members().size()
                  + " workloads that are known are in the mesh; STRICT would refuse none of them");
        }
      }
    }
  }

  private static void wide(String network, Document document, Validation.Findings findings) {
    int slash = network.indexOf('/');
    int bits = slash < 0 ? Integer.MAX_VALUE : Integer.parseInt(network.substring(slash + 1));
    if (bits < (network.contains(":") ? LEAST_V6 : LEAST_V4)) {
      findings.add(
          Code.WIDE_MESH_NETWORK,
          document,
          "meshNetworks holds "
              + network
              + ": calls to every address in it are made with the mesh's mutual TLS, and fail where"
              + " the mesh is not");
    }
  }
}
