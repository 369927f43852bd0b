package dev.weft.policy.document;

import dev.weft.policy.Route;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads Istio {@code VirtualService}s.
 *
 * @see <a href="https://istio.io/latest/docs/reference/config/networking/virtual-service/">Istio,
 *     VirtualService</a>
 */
final class VirtualServiceReader {
  /** The gateway that stands for all workloads of the mesh. */
  static final String MESH = "mesh";

  private VirtualServiceReader() {}

  static Spec read(Fields document, Metadata metadata) {
    return IstioFields.spec(document)
        .map(fields -> spec(fields, metadata.namespace()))
        .orElseGet(Spec.Nothing::new);
  }

  private static Spec spec(Fields fields, String namespace) {
    List<Spec.HostRef> hosts = hosts(fields);
    boolean forMesh = forMesh(fields);
    List<Spec.RuleSpec> http = new ArrayList<>();
    int index = 0;
    for (Fields rule : fields.objects("http")) {
      http.addAll(IstioHttpReader.read(rule, index++, hosts.isEmpty()));
    }
    List<String> names = hosts.stream().map(Spec.HostRef::host).toList();
    List<Spec.RuleSpec> tls = IstioConnectionReader.read(fields, "tls", names);
    List<Spec.RuleSpec> tcp = IstioConnectionReader.read(fields, "tcp", names);
    if (!fields.has("http") && !fields.has("tls") && !fields.has("tcp")) {
      fields.problem(Code.MISSING_FIELD, "one of http, tls and tcp is needed");
    }
    List<String> exportTo = IstioFields.exportTo(fields, namespace);
    fields.finish();
    if (hosts.isEmpty() && fields.has("gateways")) {
      fields.problem(
          Code.BAD_VALUE,
          "gateways",
          "a VirtualService without hosts is one that others delegate to; it has no gateways");
    }
    if (!forMesh) {
      return new Spec.RouteSpec(List.of(), exportTo);
    }
    List<Spec.Parent> parents = List.copyOf(hosts);
    List<Spec.RoutePart> parts = new ArrayList<>();
    part(Route.Layer.HTTP, parents, http, parts);
    part(Route.Layer.TLS, parents, tls, parts);
    part(Route.Layer.TCP, parents, tcp, parts);
    return new Spec.RouteSpec(List.copyOf(parts), exportTo);
  }

  private static void part(
      Route.Layer layer,
      List<Spec.Parent> parents,
      List<Spec.RuleSpec> rules,
      List<Spec.RoutePart> parts) {
    if (!rules.isEmpty()) {
      parts.add(new Spec.RoutePart(layer, parents, Spec.Order.LISTED, List.copyOf(rules)));
    }
  }

  /** Without hosts it is one that others delegate to. */
  private static List<Spec.HostRef> hosts(Fields fields) {
    List<Spec.HostRef> hosts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Fields.Text text : fields.texts("hosts")) {
      String host = IstioFields.host(fields, text);
      if (!seen.add(host)) {
        fields.problem(Code.BAD_VALUE, text, "host \"" + host + "\" stands here twice");
      }
      hosts.add(new Spec.HostRef(host, text.place()));
    }
    return List.copyOf(hosts);
  }

  private static boolean forMesh(Fields fields) {
    List<Fields.Text> gateways = fields.texts("gateways");
    boolean mesh = gateways.isEmpty();
    for (Fields.Text gateway : gateways) {
      if (gateway.value().equals(MESH)) {
        mesh = true;
      }
    }
    if (!mesh) {
      fields.problem(
          Code.NOT_THE_MESH,
          "gateways",
          "gateways are not part of the mesh, and \"mesh\" is not among them; it has no effect");
    } else if (gateways.size() > 1) {
      fields.problem(
          Code.NOT_THE_MESH,
          "gateways",
          "gateways are not part of the mesh; it has effect for \"mesh\" only");
    }
    return mesh;
  }
}
