package dev.weft.policy.document;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads Istio {@code AuthorizationPolicy}s. What cannot be enforced is refused, never dropped: a
 * DENY without one of its conditions would deny more, an ALLOW would allow more.
 */
final class AuthorizationPolicyReader {
  private static final int MAX_PORT = 65_535;

  private AuthorizationPolicyReader() {}

  static Spec read(Fields document, Metadata metadata) {
    boolean dryRun = dryRun(document, metadata);
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      // Istio's "allow nothing": an ALLOW policy without rules.
      return new Spec.AuthorizationPolicySpec(
          Map.of(), AccessPolicy.Action.ALLOW, dryRun, List.of());
    }
    Fields fields = found.get();
    fields.refuseEmptyFields();
    Map<String, String> selector = Selectors.read(fields);
    fields.notSupported("targetRef", "targetRefs", "provider");
    Optional<String> action = fields.choice("action", List.of("ALLOW", "DENY", "AUDIT", "CUSTOM"));
    if (action.isPresent() && (action.get().equals("AUDIT") || action.get().equals("CUSTOM"))) {
      fields.problem(
          Code.NOT_SUPPORTED,
          "action",
          "action " + action.get() + " is not supported yet; the document is refused");
    }
    boolean deny = action.equals(Optional.of("DENY"));
    List<AccessRule> rules = new ArrayList<>();
    for (Fields rule : fields.objects("rules")) {
      rules.add(rule(rule));
    }
    if (deny && rules.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          "a DENY policy without rules matches nothing; use rules: [{}] to deny all");
    }
    fields.finish();
    return new Spec.AuthorizationPolicySpec(
        selector,
        deny ? AccessPolicy.Action.DENY : AccessPolicy.Action.ALLOW,
        dryRun,
        List.copyOf(rules));
  }

  private static boolean dryRun(Fields document, Metadata metadata) {
    String value = metadata.annotations().getOrDefault("istio.io/dry-run", "false");
    if (!value.equals("true") && !value.equals("false")) {
      document.problem(
          Code.BAD_VALUE,
          "metadata",
          "annotation istio.io/dry-run is \"true\" or \"false\", found \"" + value + "\"");
    }
    return value.equals("true");
  }

  private static AccessRule rule(Fields fields) {
    fields.refuseEmptyFields();
    List<AccessRule.Source> sources = new ArrayList<>();
    for (Fields from : items(fields, "from")) {
      inner(from, "source").ifPresent(source -> sources.add(source(source)));
    }
    List<AccessRule.Operation> operations = new ArrayList<>();
    for (Fields to : items(fields, "to")) {
      inner(to, "operation").ifPresent(operation -> operations.add(operation(operation)));
    }
    fields.notSupported("when");
    fields.finish();
    return new AccessRule(List.copyOf(sources), List.copyOf(operations));
  }

  private static List<Fields> items(Fields fields, String name) {
    List<Fields> items = fields.objects(name);
    if (fields.has(name) && items.isEmpty()) {
      fields.problem(Code.BAD_VALUE, name, "an empty list; leave the field out to mean any");
    }
    return items;
  }

  private static Optional<Fields> inner(Fields fields, String name) {
    fields.refuseEmptyFields();
    Optional<Fields> inner = fields.object(name);
    fields.finish();
    if (inner.isEmpty() && !fields.has(name)) {
      fields.problem(Code.MISSING_FIELD, "field \"" + name + "\" is missing");
    } else if (inner.isPresent() && inner.get().isEmpty()) {
      fields.problem(Code.BAD_VALUE, name, "says nothing; leave the whole list out to mean any");
    }
    return inner;
  }

  private static AccessRule.Source source(Fields fields) {
    fields.refuseEmptyFields();
    List<String> principals = principals(fields, "principals");
    List<String> notPrincipals = principals(fields, "notPrincipals");
    List<String> namespaces = values(patterns(fields, "namespaces"));
    List<String> notNamespaces = values(patterns(fields, "notNamespaces"));
    fields.notSupported(
        "requestPrincipals",
        "notRequestPrincipals",
        "ipBlocks",
        "notIpBlocks",
        "remoteIpBlocks",
        "notRemoteIpBlocks",
        "serviceAccounts",
        "notServiceAccounts");
    fields.finish();
    return new AccessRule.Source(principals, notPrincipals, namespaces, notNamespaces);
  }

  private static AccessRule.Operation operation(Fields fields) {
    fields.refuseEmptyFields();
    AccessRule.Operation operation =
        new AccessRule.Operation(
            ports(fields, "ports"),
            ports(fields, "notPorts"),
            values(patterns(fields, "methods")),
            values(patterns(fields, "notMethods")),
            paths(fields, "paths"),
            paths(fields, "notPaths"),
            hosts(fields, "hosts"),
            hosts(fields, "notHosts"));
    fields.finish();
    return operation;
  }

  private static List<String> principals(Fields fields, String name) {
    List<Fields.Text> principals = patterns(fields, name);
    for (Fields.Text text : principals) {
      if (text.value().contains("://")) {
        fields.problem(Code.BAD_VALUE, text, "principals are written without \"spiffe://\"");
      }
    }
    return values(principals);
  }

  private static List<String> paths(Fields fields, String name) {
    List<Fields.Text> paths = notEmpty(fields, name, fields.texts(name));
    for (Fields.Text text : paths) {
      String path = text.value();
      if (path.contains("{")) {
        fields.problem(
            Code.NOT_SUPPORTED,
            text,
            "path templates such as \"" + path + "\" are not supported yet");
      } else if (!path.startsWith("/") && !path.startsWith("*")) {
        fields.problem(Code.BAD_VALUE, text, "expected a path from /, found \"" + path + "\"");
      } else {
        checkPattern(fields, text);
      }
    }
    return values(paths);
  }

  private static List<String> hosts(Fields fields, String name) {
    List<String> hosts = new ArrayList<>();
    for (Fields.Text text : patterns(fields, name)) {
      if (text.value().contains(":")) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "hosts are compared without their port, found \"" + text.value() + "\"");
      }
      hosts.add(text.value().toLowerCase(Locale.ROOT));
    }
    return List.copyOf(hosts);
  }

  private static List<Integer> ports(Fields fields, String name) {
    List<Integer> ports = new ArrayList<>();
    for (Fields.Text text : notEmpty(fields, name, fields.textsOrNumbers(name))) {
      String port = text.value();
      if (port.matches("[1-9][0-9]{0,4}") && Integer.parseInt(port) <= MAX_PORT) {
        ports.add(Integer.valueOf(port));
      } else {
        fields.problem(Code.BAD_VALUE, text, "expected a port, 1 to 65535, found \"" + port + "\"");
      }
    }
    return List.copyOf(ports);
  }

  private static List<Fields.Text> patterns(Fields fields, String name) {
    List<Fields.Text> patterns = notEmpty(fields, name, fields.texts(name));
    patterns.forEach(text -> checkPattern(fields, text));
    return patterns;
  }

  /** Values are exact, {@code prefix*}, {@code *suffix} or {@code *}. */
  private static void checkPattern(Fields fields, Fields.Text text) {
    String value = text.value();
    int star = value.indexOf('*');
    boolean atAnEnd = star == 0 || star == value.length() - 1;
    if (value.isEmpty()) {
      fields.problem(Code.BAD_VALUE, text, "an empty text matches nothing");
    } else if (star >= 0 && (!atAnEnd || star != value.lastIndexOf('*'))) {
      fields.problem(
          Code.BAD_VALUE,
          text,
          "one \"*\" may stand at the start or at the end, found \"" + value + "\"");
    }
  }

  private static List<Fields.Text> notEmpty(Fields fields, String name, List<Fields.Text> texts) {
    if (fields.has(name) && texts.isEmpty()) {
      fields.problem(Code.BAD_VALUE, name, "an empty list; leave the field out to mean any");
    }
    return texts;
  }

  private static List<String> values(List<Fields.Text> texts) {
    return texts.stream().map(Fields.Text::value).toList();
  }
}
