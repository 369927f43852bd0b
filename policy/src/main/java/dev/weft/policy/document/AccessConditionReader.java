package dev.weft.policy.document;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessCondition.Attribute;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the entries of {@code when}: any attribute that Istio documents. */
final class AccessConditionReader {
  private static final String SERVICE_ACCOUNT = "source.serviceAccount";
  private static final Map<String, Attribute> PLAIN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("source.ip", Attribute.SOURCE_IP),
              Map.entry("remote.ip", Attribute.REMOTE_IP),
              Map.entry("source.namespace", Attribute.SOURCE_NAMESPACE),
              Map.entry("source.principal", Attribute.SOURCE_PRINCIPAL),
              Map.entry("source.trustDomain", Attribute.SOURCE_TRUST_DOMAIN),
              Map.entry(SERVICE_ACCOUNT, Attribute.SOURCE_PRINCIPAL),
              Map.entry("request.auth.principal", Attribute.REQUEST_PRINCIPAL),
              Map.entry("request.auth.audiences", Attribute.REQUEST_AUDIENCES),
              Map.entry("request.auth.presenter", Attribute.REQUEST_PRESENTER),
              Map.entry("destination.ip", Attribute.DESTINATION_IP),
              Map.entry("destination.port", Attribute.DESTINATION_PORT),
              Map.entry("connection.sni", Attribute.CONNECTION_SNI)));
  private static final Pattern HEADER =
      Pattern.compile("request\\.headers\\[([A-Za-z0-9!#$%&'*+.^_`|~-]+)]");
  private static final Pattern CLAIM =
      Pattern.compile("request\\.auth\\.claims((?:\\[[^\\[\\]]+])+)");

  private AccessConditionReader() {}

  /** A condition; empty, and a problem, where it is none. */
  static Optional<AccessCondition> read(Fields fields, String ownNamespace) {
    fields.refuseEmptyFields();
    String key = fields.requiredText("key");
    if (!fields.has("values") && !fields.has("notValues")) {
      fields.problem(Code.MISSING_FIELD, "needs values or notValues");
    }
    Optional<AccessCondition> condition = Optional.empty();
    Matcher header = HEADER.matcher(key);
    Matcher claim = CLAIM.matcher(key);
    if (key.equals("connection.sni")) {
      fields.problem(
          Code.NOT_ENFORCED,
          "key",
          "agents do not know the name yet: it is always missing, so ALLOW never matches and DENY"
              + " always");
    }
    if (PLAIN.containsKey(key)) {
      condition =
          Optional.of(
              new AccessCondition(
                  PLAIN.get(key),
                  values(fields, "values", key, ownNamespace),
                  values(fields, "notValues", key, ownNamespace)));
    } else if (header.matches()) {
      condition = Optional.of(keyed(fields, Attribute.REQUEST_HEADER, List.of(header.group(1))));
    } else if (claim.matches()) {
      String path = claim.group(1);
      List<String> names = List.of(path.substring(1, path.length() - 1).split("]\\[", -1));
      condition = Optional.of(keyed(fields, Attribute.REQUEST_CLAIM, names));
    } else {
      fields.ignore("values", "notValues");
      unknown(fields, key);
    }
    fields.finish();
    return condition;
  }

  private static AccessCondition keyed(Fields fields, Attribute attribute, List<String> key) {
    return new AccessCondition(
        attribute, key, Patterns.read(fields, "values"), Patterns.read(fields, "notValues"));
  }

  private static List<String> values(Fields fields, String name, String key, String ownNamespace) {
    if (key.equals(SERVICE_ACCOUNT)) {
      return Patterns.serviceAccounts(fields, name, ownNamespace);
    }
    return switch (key) {
      case "source.ip", "remote.ip", "destination.ip" -> Patterns.ipBlocks(fields, name);
      case "destination.port" ->
          Patterns.ports(fields, name).stream().map(String::valueOf).toList();
      case "source.principal" -> Patterns.principals(fields, name);
      default -> Patterns.read(fields, name);
    };
  }

  private static void unknown(Fields fields, String key) {
    if (key.startsWith("experimental.envoy.")) {
      fields.problem(
          Code.NOT_SUPPORTED,
          "key",
          "\"" + key + "\" asks a filter of Envoy, and there is no Envoy here");
    } else if (key.startsWith("request.headers") || key.startsWith("request.auth.claims")) {
      fields.problem(
          Code.BAD_VALUE,
          "key",
          "expected request.headers[name] or request.auth.claims[name][name], found \""
              + key
              + "\"");
    } else if (!key.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          "key",
          "unknown attribute \"" + key + "\"" + Suggestion.of(key, PLAIN.keySet()));
    }
  }
}
