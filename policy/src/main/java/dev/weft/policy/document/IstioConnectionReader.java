package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the {@code tcp} and {@code tls} rules of a {@code VirtualService}. */
final class IstioConnectionReader {
  private static final int MAX_PORT = 65_535;

  private IstioConnectionReader() {}

  /**
   * The rules of one layer.
   *
   * @param hosts of the document, which must cover the names that TLS asks for
   */
  static List<Spec.RuleSpec> read(Fields spec, String layer, List<String> hosts) {
    List<Spec.RuleSpec> rules = new ArrayList<>();
    int index = 0;
    for (Fields fields : spec.objects(layer)) {
      boolean tls = layer.equals("tls");
      List<Fields> written = fields.objects("match");
      List<Spec.MatchSpec> matches = new ArrayList<>();
      for (Fields match : written) {
        match(match, tls, hosts).ifPresent(matches::add);
      }
      if (tls && written.isEmpty()) {
        fields.problem(Code.MISSING_FIELD, "a rule of TLS needs a match with sniHosts");
      }
      List<Spec.BackendRef> backends = IstioDestinations.read(fields);
      if (backends.isEmpty() && !fields.has("route")) {
        fields.problem(Code.MISSING_FIELD, "field \"route\" is missing");
      }
      fields.finish();
      if (written.isEmpty() || !matches.isEmpty()) {
        rules.add(rule(Integer.toString(index), matches, backends, fields.place()));
      }
      index++;
    }
    return List.copyOf(rules);
  }

  private static Spec.RuleSpec rule(
      String name, List<Spec.MatchSpec> matches, List<Spec.BackendRef> backends, Place place) {
    return new Spec.RuleSpec(
        name,
        List.copyOf(matches),
        List.of(),
        List.of(),
        backends,
        Optional.empty(),
        Optional.empty(),
        RouteActions.NONE,
        List.of(),
        "",
        place);
  }

  private static Optional<Spec.MatchSpec> match(Fields fields, boolean tls, List<String> hosts) {
    List<String> names = tls ? names(fields, hosts) : List.of();
    Optional<Integer> port = fields.number("port", 1, MAX_PORT);
    IstioMatchReader.Client client = IstioMatchReader.Client.read(fields);
    boolean anyAddress = subnets(fields);
    fields.notSupported("sourceSubnet");
    fields.finish();
    RouteMatch match =
        new RouteMatch(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            client.labels(),
            names);
    return client.inMesh() && anyAddress
        ? Optional.of(new Spec.MatchSpec(match, port, client.namespace(), fields.place()))
        : Optional.empty();
  }

  private static List<String> names(Fields fields, List<String> hosts) {
    List<String> names = new ArrayList<>();
    for (Fields.Text text : fields.texts("sniHosts")) {
      String name = IstioFields.host(fields, text);
      if (hosts.stream().noneMatch(host -> covers(host, name))) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "none of the hosts of this VirtualService covers \"" + name + "\"");
      }
      names.add(name);
    }
    if (names.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "field \"sniHosts\" is missing");
    }
    // A star by itself is any name, which the model says by saying nothing.
    return names.contains("*") ? List.of() : List.copyOf(names);
  }

  private static boolean covers(String host, String name) {
    return host.equals(name) || (host.startsWith("*") && name.endsWith(host.substring(1)));
  }

  /** Whether addresses do not matter. Services have addresses of their own, none of a cluster's. */
  private static boolean subnets(Fields fields) {
    boolean any = true;
    for (Fields.Text text : fields.texts("destinationSubnets")) {
      String subnet = text.value();
      if (!Cidr.isValid(subnet.contains("/") ? subnet : subnet + "/32")) {
        fields.problem(Code.BAD_VALUE, text, "expected a network, found \"" + subnet + "\"");
      }
      any &= subnet.endsWith("/0");
    }
    if (!any) {
      fields.problem(
          Code.NOT_ENFORCED,
          "destinationSubnets",
          "services have addresses of their own in the mesh; the match never holds");
    }
    return any;
  }
}
