package dev.weft.policy.document;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.document.AgentFeatures.Feature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code MeshConfig}, the mesh-wide settings that no standard has. */
final class MeshConfigReader {
  private static final String SCHEME = "spiffe://";
  private static final int MAX_PER_SECOND = 1_000_000;
  private static final int MAX_PATH = 1024;

  /** Nothing that servers read in several ways: no query, no parameters, no codes, no dots. */
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+");

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
    fields.refuseEmptyFieldsWithin();
    Optional<MtlsMode> mode = Optional.empty();
    List<String> networks = new ArrayList<>();
    List<String> revoked = new ArrayList<>();
    Optional<Fields> mtls = fields.object("mtls");
    if (mtls.isPresent()) {
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
    Spec.MeshDefaults defaults =
        new Spec.MeshDefaults(
            Durations.read(fields, "connectTimeout", Duration.ofMillis(1), Duration.ofHours(1)),
            BalancingReader.read(fields));
    List<MeshSettings.Probe> probes =
        fields.objects("probes").stream().map(MeshConfigReader::probe).toList();
    Optional<Fields> outbound = fields.object("outbound");
    if (outbound.isPresent()) {
      outbound(outbound.get());
    }
    List<String> aliases = new ArrayList<>();
    for (Fields.Text alias : fields.texts("trustDomainAliases")) {
      trustDomain(fields, alias).ifPresent(aliases::add);
    }
    AgentFeatures.check(Feature.PROBES, fields, "probes");
    AgentFeatures.check(Feature.ALIASES, fields, "trustDomainAliases");
    Optional<Spec.DiscoveryScope> scope = Optional.empty();
    Optional<Fields> discovery = fields.object("discovery");
    if (discovery.isPresent()) {
      scope =
          discovery
              .get()
              .choice("scope", List.of("Namespace", "Mesh"))
              .map(word -> Spec.DiscoveryScope.valueOf(word.toUpperCase(Locale.ROOT)));
      discovery.get().finish();
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
        format,
        defaults,
        probes,
        List.copyOf(aliases),
        scope);
  }

  /** There is no other way yet; who asks for one shall not think that it is in force. */
  private static void outbound(Fields fields) {
    Optional<String> mode = fields.choice("unknownHosts", List.of("ALLOW_ANY", "REGISTRY_ONLY"));
    if (mode.equals(Optional.of("REGISTRY_ONLY"))) {
      fields.problem(
          Code.NOT_SUPPORTED,
          "unknownHosts",
          "REGISTRY_ONLY is not supported yet; hosts that no document names are ALLOW_ANY");
    }
    fields.finish();
  }

  private static MeshSettings.Probe probe(Fields fields) {
    Optional<Integer> port = fields.number("port", 1, 65_535);
    Optional<String> path = fields.text("path");
    if (!fields.has("port") && !fields.has("path")) {
      fields.problem(Code.MISSING_FIELD, "exempts everything; expected port or path");
    }
    if (path.isPresent()
        && (path.get().length() > MAX_PATH || !PATH.matcher(path.get()).matches())) {
      fields.problem(
          Code.BAD_VALUE, "path", "expected a path such as /healthz, found \"" + path.get() + "\"");
    }
    fields.finish();
    return new MeshSettings.Probe(port, path);
  }

  private static Optional<String> trustDomain(Fields fields, Fields.Text text) {
    try {
      return Optional.of(new SpiffeId(text.value(), "default", "default").trustDomain());
    } catch (IllegalArgumentException e) {
      fields.problem(
          Code.BAD_VALUE,
          text,
          "expected a trust domain such as old.example, found \"" + text.value() + "\"");
      return Optional.empty();
    }
  }

  static AccessLogFormat format(String word) {
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
