package dev.weft.policy.document;

import dev.weft.policy.MtlsMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads Istio {@code PeerAuthentication}s. */
final class PeerAuthenticationReader {
  private static final List<String> MODES = List.of("UNSET", "DISABLE", "PERMISSIVE", "STRICT");
  private static final int MAX_PORT = 65_535;

  private PeerAuthenticationReader() {}

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
    int before = fields.refusals();
    Map<String, String> selector = Selectors.read(fields);
    boolean selectsAll = selector.isEmpty() && fields.refusals() == before;
    Optional<MtlsMode> mode = fields.object("mtls").flatMap(PeerAuthenticationReader::mode);
    Map<Integer, MtlsMode> portModes = new TreeMap<>();
    if (fields.has("portLevelMtls") && selectsAll) {
      fields.problem(
          Code.BAD_VALUE, "portLevelMtls", "needs a selector: ports belong to workloads");
    }
    fields
        .objectMap("portLevelMtls")
        .forEach(
            (key, inner) -> {
              Optional<MtlsMode> portMode = mode(inner);
              Optional<Integer> port = port(key.value());
              if (port.isEmpty()) {
                inner.problem(
                    Code.BAD_VALUE,
                    "expected a port as key, 1 to 65535, found \"" + key.value() + "\"");
              } else {
                portMode.ifPresent(value -> portModes.put(port.get(), value));
              }
            });
    fields.finish();
    return new Spec.PeerAuthenticationSpec(selector, mode, Map.copyOf(portModes));
  }

  private static Optional<MtlsMode> mode(Fields fields) {
    fields.refuseEmptyFields();
    Optional<String> mode = fields.choice("mode", MODES);
    fields.finish();
    return mode.filter(text -> !text.equals("UNSET")).map(MtlsMode::valueOf);
  }

  private static Optional<Integer> port(String text) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > MAX_PORT) {
      return Optional.empty();
    }
    return Optional.of(Integer.valueOf(text));
  }
}
