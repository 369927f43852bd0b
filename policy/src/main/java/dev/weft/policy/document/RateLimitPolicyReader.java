package dev.weft.policy.document;

import dev.weft.policy.document.AgentFeatures.Feature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code RateLimitPolicy}: how many connections and requests. */
final class RateLimitPolicyReader {
  private static final int MOST = 10_000_000;
  private static final int MOST_LIMITS = 32;

  private RateLimitPolicyReader() {}

  static Spec read(Fields document, String ownNamespace) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFieldsWithin();
    List<Spec.TargetRef> targets = TargetRefs.services(fields, ownNamespace);
    Optional<Integer> max = Optional.empty();
    Optional<Fields> connections = fields.object("connections");
    if (connections.isPresent()) {
      max = required(connections.get(), "max");
      connections.get().finish();
    }
    Optional<Integer> perSecond = Optional.empty();
    Optional<Integer> burst = Optional.empty();
    Optional<Fields> handshakes = fields.object("handshakes");
    if (handshakes.isPresent()) {
      perSecond = required(handshakes.get(), "perSecond");
      burst = handshakes.get().number("burst", 1, MOST);
      handshakes.get().finish();
    }
    List<RateLimitPolicySpec.Requests> requests = requests(fields);
    if (!fields.has("connections") && !fields.has("handshakes") && !fields.has("requests")) {
      fields.problem(
          Code.MISSING_FIELD, "limits nothing; expected connections, handshakes or requests");
    }
    fields.finish();
    return new RateLimitPolicySpec(targets, max, perSecond, burst, requests);
  }

  private static List<RateLimitPolicySpec.Requests> requests(Fields fields) {
    List<Fields> items = fields.objects("requests");
    if (fields.has("requests") && (items.isEmpty() || items.size() > MOST_LIMITS)) {
      fields.problem(Code.BAD_VALUE, "requests", "expected 1 to " + MOST_LIMITS + " limits");
    }
    List<RateLimitPolicySpec.Requests> requests = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields item : items) {
      RateLimitPolicySpec.Requests read = RequestLimitReader.read(item, requests.size());
      if (!names.add(read.limit().rule())) {
        item.problem(
            Code.BAD_VALUE, "name", "limit \"" + read.limit().rule() + "\" stands here twice");
      }
      if (read.side() == RateLimitPolicySpec.Side.SERVER) {
        AgentFeatures.check(Feature.REQUEST_RATES, item, "requests");
      }
      requests.add(read);
    }
    return List.copyOf(requests);
  }

  private static Optional<Integer> required(Fields fields, String name) {
    if (!fields.has(name)) {
      fields.problem(Code.MISSING_FIELD, "field \"" + name + "\" is missing");
    }
    return fields.number(name, 1, MOST);
  }
}
