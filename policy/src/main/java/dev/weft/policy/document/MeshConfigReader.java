package dev.weft.policy.document;

import dev.weft.policy.MtlsMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code MeshConfig}, the mesh-wide settings that no standard has. */
final class MeshConfigReader {
  private static final int MAX_PER_SECOND = 1_000_000;

  private MeshConfigReader() {}

  static Spec read(Fields document) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFields();
    Optional<MtlsMode> mode = Optional.empty();
    List<String> networks = new ArrayList<>();
    Optional<Fields> mtls = fields.object("mtls");
    if (mtls.isPresent()) {
      mtls.get().refuseEmptyFields();
      mode =
          mtls.get()
              .choice("mode", List.of("DISABLE", "PERMISSIVE", "STRICT"))
              .map(MtlsMode::valueOf);
      for (Fields.Text network : mtls.get().texts("meshNetworks")) {
        if (!Cidr.isValid(network.value())) {
          mtls.get()
              .problem(
                  Code.BAD_VALUE,
                  network,
                  "expected a network such as 10.0.0.0/8, found \"" + network.value() + "\"");
        }
        networks.add(network.value());
      }
      mtls.get().finish();
    }
    Optional<Integer> percent = Optional.empty();
    Optional<Integer> perSecond = Optional.empty();
    Optional<Fields> budget = fields.object("retryBudget");
    if (budget.isPresent()) {
      percent = budget.get().number("percent", 0, 100);
      perSecond = budget.get().number("minPerSecond", 0, MAX_PER_SECOND);
      budget.get().finish();
    }
    Optional<Double> sampling = Optional.empty();
    Optional<Fields> tracing = fields.object("tracing");
    if (tracing.isPresent()) {
      sampling = tracing.get().decimal("samplingPercent", 0.0, 100.0);
      tracing.get().finish();
    }
    fields.finish();
    return new Spec.MeshConfigSpec(mode, List.copyOf(networks), percent, perSecond, sampling);
  }
}
