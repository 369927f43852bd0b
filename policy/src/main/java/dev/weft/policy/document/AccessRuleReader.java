package dev.weft.policy.document;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessCondition.Attribute;
import dev.weft.policy.AccessRule;
import dev.weft.policy.PathTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the rules of {@code AuthorizationPolicy}s. */
final class AccessRuleReader {
  private AccessRuleReader() {}

  static AccessRule read(Fields fields, String ownNamespace) {
    fields.refuseEmptyFields();
    List<AccessRule.Source> sources = new ArrayList<>();
    for (Fields from : items(fields, "from")) {
      inner(from, "source").ifPresent(source -> sources.add(source(source, ownNamespace)));
    }
    List<AccessRule.Operation> operations = new ArrayList<>();
    for (Fields to : items(fields, "to")) {
      inner(to, "operation").ifPresent(operation -> operations.add(operation(operation)));
    }
    List<AccessCondition> conditions = new ArrayList<>();
    for (Fields when : items(fields, "when")) {
      AccessConditionReader.read(when, ownNamespace).ifPresent(conditions::add);
    }
    fields.finish();
    return new AccessRule(List.copyOf(sources), List.copyOf(operations), List.copyOf(conditions));
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

  private static AccessRule.Source source(Fields fields, String ownNamespace) {
    fields.refuseEmptyFields();
    boolean accounts = fields.has("serviceAccounts") || fields.has("notServiceAccounts");
    for (String other : List.of("principals", "notPrincipals", "namespaces", "notNamespaces")) {
      if (accounts && fields.has(other)) {
        fields.problem(
            Code.BAD_VALUE, other, "cannot stand beside serviceAccounts, which say it already");
      }
    }
    List<String> principals = new ArrayList<>(Patterns.principals(fields, "principals"));
    principals.addAll(Patterns.serviceAccounts(fields, "serviceAccounts", ownNamespace));
    List<String> notPrincipals = new ArrayList<>(Patterns.principals(fields, "notPrincipals"));
    notPrincipals.addAll(Patterns.serviceAccounts(fields, "notServiceAccounts", ownNamespace));
    List<String> namespaces = Patterns.read(fields, "namespaces");
    List<String> notNamespaces = Patterns.read(fields, "notNamespaces");
    List<AccessCondition> conditions = new ArrayList<>();
    condition(
        conditions,
        Attribute.REQUEST_PRINCIPAL,
        Patterns.read(fields, "requestPrincipals"),
        Patterns.read(fields, "notRequestPrincipals"));
    condition(
        conditions,
        Attribute.SOURCE_IP,
        Patterns.ipBlocks(fields, "ipBlocks"),
        Patterns.ipBlocks(fields, "notIpBlocks"));
    condition(
        conditions,
        Attribute.REMOTE_IP,
        Patterns.ipBlocks(fields, "remoteIpBlocks"),
        Patterns.ipBlocks(fields, "notRemoteIpBlocks"));
    condition(
        conditions,
        Attribute.SOURCE_TRUST_DOMAIN,
        Patterns.read(fields, "trustDomains"),
        Patterns.read(fields, "notTrustDomains"));
    fields.finish();
    return new AccessRule.Source(
        List.copyOf(principals),
        List.copyOf(notPrincipals),
        namespaces,
        notNamespaces,
        List.copyOf(conditions));
  }

  private static void condition(
      List<AccessCondition> conditions,
      Attribute attribute,
      List<String> values,
      List<String> notValues) {
    if (!values.isEmpty() || !notValues.isEmpty()) {
      conditions.add(new AccessCondition(attribute, values, notValues));
    }
  }

  private static AccessRule.Operation operation(Fields fields) {
    fields.refuseEmptyFields();
    AccessRule.Operation operation =
        new AccessRule.Operation(
            Patterns.ports(fields, "ports"),
            Patterns.ports(fields, "notPorts"),
            methods(fields, "methods"),
            methods(fields, "notMethods"),
            paths(fields, "paths"),
            paths(fields, "notPaths"),
            hosts(fields, "hosts"),
            hosts(fields, "notHosts"));
    fields.finish();
    return operation;
  }

  private static List<String> methods(Fields fields, String name) {
    List<Fields.Text> methods = Patterns.texts(fields, name);
    for (Fields.Text text : methods) {
      Patterns.check(fields, text);
      String upper = text.value().toUpperCase(Locale.ROOT);
      if (!upper.equals(text.value())) {
        fields.problem(
            Code.ODD_METHOD,
            text,
            "methods are compared exactly, found \""
                + text.value()
                + "\"; did you mean \""
                + upper
                + "\"?");
      }
    }
    return Patterns.values(methods);
  }

  private static List<String> paths(Fields fields, String name) {
    List<Fields.Text> paths = Patterns.texts(fields, name);
    for (Fields.Text text : paths) {
      String path = text.value();
      if (PathTemplate.isTemplate(path)) {
        template(fields, text);
      } else if (!path.startsWith("/") && !path.startsWith("*")) {
        fields.problem(Code.BAD_VALUE, text, "expected a path from /, found \"" + path + "\"");
      } else {
        Patterns.check(fields, text);
      }
    }
    return Patterns.values(paths);
  }

  private static void template(Fields fields, Fields.Text text) {
    try {
      PathTemplate.parse(text.value());
    } catch (IllegalArgumentException e) {
      fields.problem(
          Code.BAD_VALUE, text, "\"" + text.value() + "\" is no path template: " + e.getMessage());
    }
  }

  private static List<String> hosts(Fields fields, String name) {
    List<String> hosts = new ArrayList<>();
    for (Fields.Text text : Patterns.texts(fields, name)) {
      Patterns.check(fields, text);
      String host = text.value();
      if (host.contains(":") && !(host.startsWith("[") && host.endsWith("]"))) {
        fields.problem(
            Code.BAD_VALUE, text, "hosts are compared without their port, found \"" + host + "\"");
      }
      hosts.add(host.toLowerCase(Locale.ROOT));
    }
    return List.copyOf(hosts);
  }
}
