package dev.weft.policy.document;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads Istio {@code WorkloadEntry}s, and the endpoints of {@code ServiceEntry}s, which they are.
 */
final class WorkloadEntryReader {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_WEIGHT = 1_000_000;

  private WorkloadEntryReader() {}

  static Spec read(Fields document) {
    Optional<Fields> fields = IstioFields.spec(document);
    return fields.isEmpty()
        ? new Spec.Nothing()
        : new Spec.WorkloadEntrySpec(endpoint(fields.get(), false));
  }

  /** An endpoint; {@code mayBeName}: whether it may be a name that the application resolves. */
  static Spec.StaticEndpoint endpoint(Fields fields, boolean mayBeName) {
    String address = fields.requiredText("address");
    if (address.startsWith("unix:")) {
      fields.problem(Code.NOT_SUPPORTED, "address", "sockets of Unix are not supported");
    } else if (!address.isEmpty()
        && !isAddress(address)
        && !(mayBeName && Names.isSubdomain(address))) {
      fields.problem(
          Code.BAD_VALUE,
          "address",
          mayBeName
              ? "expected an IP address or a name, found \"" + address + "\""
              : "expected an IP address, found \"" + address + "\"");
    }
    Map<String, Integer> ports = new LinkedHashMap<>();
    Optional<Fields> named = fields.object("ports");
    if (named.isPresent()) {
      for (String name : named.get().names()) {
        named.get().number(name, 1, MAX_PORT).ifPresent(port -> ports.put(name, port));
      }
    }
    Map<String, String> labels = fields.textMap("labels");
    String serviceAccount = fields.text("serviceAccount").orElse("");
    if (!serviceAccount.isEmpty() && !Names.isSubdomain(serviceAccount)) {
      fields.problem(
          Code.BAD_VALUE,
          "serviceAccount",
          "expected a name such as pay, found \"" + serviceAccount + "\"");
    }
    String locality = fields.text("locality").orElse("");
    if (locality.startsWith("/") || locality.chars().filter(c -> c == '/').count() > 2) {
      fields.problem(
          Code.BAD_VALUE,
          "locality",
          "expected region, region/zone or region/zone/subzone, found \"" + locality + "\"");
    }
    Optional<Integer> weight = fields.number("weight", 0, MAX_WEIGHT).filter(share -> share > 0);
    fields.notEnforced("network");
    fields.finish();
    return new Spec.StaticEndpoint(
        address,
        Map.copyOf(ports),
        Map.copyOf(labels),
        serviceAccount,
        locality,
        weight,
        fields.place());
  }

  static boolean isAddress(String text) {
    return !text.contains("/") && (Cidr.isValid(text + "/32") || Cidr.isValid(text + "/128"));
  }
}
