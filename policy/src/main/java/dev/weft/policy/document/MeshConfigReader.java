package dev.weft.policy.document;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code MeshConfig}, the mesh-wide settings that no standard has. */
final class MeshConfigReader {
  private static final String SCHEME = "spiffe://";
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
    List<String> revoked = new ArrayList<>();
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
      for (Fields.Text principal : mtls.get().texts("revokedIdentities")) {
        revoked(mtls.get(), principal).ifPresent(revoked::add);
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
    Optional<Boolean> accessLog = Optional.empty();
    Optional<AccessLogFormat> format = Optional.empty();
    Optional<Fields> log = fields.object("accessLog");
    if (log.isPresent()) {
      accessLog = log.get().flag("enabled");
      format = log.get().choice("format", List.of("text", "json")).map(MeshConfigReader::format);
      log.get().finish();
    }
    fields.finish();
    return new Spec.MeshConfigSpec(
        mode,
        List.copyOf(networks),
        List.copyOf(revoked),
        percent,
        perSecond,
        sampling,
        accessLog,
        format);
  }

  private static AccessLogFormat format(String word) {
    return word.equals("json") ? AccessLogFormat.JSON : AccessLogFormat.TEXT;
  }

  /** As AuthorizationPolicies write principals, or as a SPIFFE ID. */
  private static Optional<String> revoked(Fields fields, Fields.Text text) {
    String value = text.value();
    String principal = value.startsWith(SCHEME) ? value.substring(SCHEME.length()) : value;
    try {
      return Optional.of(SpiffeId.parse(SCHEME + principal).principal());
    } catch (IllegalArgumentException e) {
      fields.problem(
          Code.BAD_VALUE,
          text,
          "expected an identity such as cluster.local/ns/default/sa/pay, found \"" + value + "\"");
      return Optional.empty();
    }
  }
}
