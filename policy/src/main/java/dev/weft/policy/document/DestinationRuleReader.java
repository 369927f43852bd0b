package dev.weft.policy.document;

import dev.weft.policy.Subset;
import dev.weft.policy.TrafficPolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads Istio {@code DestinationRule}s.
 *
 * @see <a href="https://istio.io/latest/docs/reference/config/networking/destination-rule/">Istio,
 *     DestinationRule</a>
 */
final class DestinationRuleReader {
  private DestinationRuleReader() {}

  static Spec read(Fields document, Metadata metadata) {
    return IstioFields.spec(document)
        .map(fields -> spec(fields, metadata))
        .orElseGet(Spec.Nothing::new);
  }

  private static Spec spec(Fields fields, Metadata metadata) {
    String title =
        Kind.DESTINATION_RULE.text() + " " + metadata.namespace() + "/" + metadata.name();
    String written = fields.requiredText("host");
    String host =
        written.isEmpty()
            ? ""
            : IstioFields.host(
                fields, new Fields.Text(written, fields.place("host"), fields.path("host")));
    TrafficPolicyReader.Read policy = TrafficPolicyReader.read(fields, title, true);
    List<Subset> subsets = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields item : fields.objects("subsets")) {
      Subset subset = subset(item, title);
      if (!names.add(subset.name())) {
        item.problem(Code.BAD_VALUE, "name", "subset \"" + subset.name() + "\" stands here twice");
      }
      subsets.add(subset);
    }
    List<String> exportTo = IstioFields.exportTo(fields, metadata.namespace());
    // A rule for some of the clients only must not become one for all of them.
    fields.notSupported("workloadSelector");
    fields.finish();
    return new Spec.DestinationRuleSpec(
        host,
        policy.maxConnections(),
        policy.connectTimeout(),
        policy.policies(),
        List.copyOf(subsets),
        exportTo,
        fields.place("host"));
  }

  private static Subset subset(Fields fields, String title) {
    String name = fields.requiredText("name");
    if (!name.isEmpty() && !Names.isSubdomain(name)) {
      fields.problem(Code.BAD_VALUE, "name", "expected a DNS name, found \"" + name + "\"");
    }
    Map<String, String> labels = fields.textMap("labels");
    List<TrafficPolicy> policies =
        TrafficPolicyReader.read(fields, title + " subset " + name, false).policies();
    fields.finish();
    return new Subset(name, Map.copyOf(labels), policies);
  }
}
