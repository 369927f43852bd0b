package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the destinations of a {@code VirtualService}: hosts, subsets, ports, weights. */
final class IstioDestinations {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_WEIGHT = 1_000_000;

  private IstioDestinations() {}

  /** The weighted destinations of a rule. */
  static List<Spec.BackendRef> read(Fields rule) {
    int before = rule.refusals();
    List<Fields> items = rule.objects("route");
    List<Spec.BackendRef> backends = new ArrayList<>();
    long sum = 0;
    for (Fields item : items) {
      Optional<Integer> weight = item.number("weight", 0, MAX_WEIGHT);
      // The only destination has everything, whatever its weight; of several, nothing is zero.
      int share = items.size() == 1 ? Math.min(1, weight.orElse(1)) : weight.orElse(0);
      IstioHeaders headers = IstioHeaders.read(item);
      if (headers.authority().isPresent()) {
        item.problem(
            Code.NOT_ENFORCED, "headers", "a host for one destination only is not rewritten yet");
      }
      sum += share;
      Optional<Fields> destination = item.object("destination");
      if (destination.isPresent()) {
        backends.add(destination(destination.get(), share, headers.request(), headers.response()));
      } else if (!item.has("destination")) {
        item.problem(Code.MISSING_FIELD, "field \"destination\" is missing");
      }
      item.finish();
    }
    if (!items.isEmpty() && sum == 0 && rule.refusals() == before) {
      rule.problem(Code.BAD_VALUE, "route", "the weights of all destinations add up to zero");
    }
    return List.copyOf(backends);
  }

  /** A destination by itself, as a mirror has it. */
  static Spec.BackendRef read(Fields destination, int weight) {
    return destination(destination, weight, List.of(), List.of());
  }

  private static Spec.BackendRef destination(
      Fields fields, int weight, List<HeaderEdit> request, List<HeaderEdit> response) {
    Place place = fields.place();
    String written = fields.requiredText("host");
    String host = "";
    if (!written.isEmpty()) {
      Fields.Text text = new Fields.Text(written, fields.place("host"), fields.path("host"));
      host = IstioFields.host(fields, text);
      if (host.startsWith("*")) {
        fields.problem(Code.BAD_VALUE, "host", "a destination is one host, found \"" + host + "\"");
      }
    }
    Optional<String> subset = fields.text("subset").filter(name -> !name.isEmpty());
    int number = 0;
    Optional<Fields> port = fields.object("port");
    if (port.isPresent()) {
      number = port.get().number("number", 1, MAX_PORT).orElse(0);
      if (!port.get().has("number")) {
        port.get().problem(Code.MISSING_FIELD, "field \"number\" is missing");
      }
      port.get().finish();
    }
    fields.finish();
    return new Spec.BackendRef("", "", host, number, weight, subset, request, response, "", place);
  }
}
