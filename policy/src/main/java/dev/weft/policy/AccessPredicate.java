package dev.weft.policy;

import dev.weft.policy.AccessFacts.Stance;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One condition, made ready to be asked often. Immutable. */
interface AccessPredicate {
  /** Whether it holds, for a policy of this stance. */
  boolean holds(AccessFacts facts, Stance stance);

  /** All conditions of a source. */
  static List<AccessPredicate> of(AccessRule.Source source) {
    List<AccessPredicate> all = new ArrayList<>();
    add(
        all,
        source.principals(),
        source.notPrincipals(),
        (wanted, unwanted) -> new Text(AccessFacts::principal, false, wanted, unwanted));
    add(
        all,
        source.namespaces(),
        source.notNamespaces(),
        (wanted, unwanted) -> new Text(AccessFacts::namespace, false, wanted, unwanted));
    source.conditions().forEach(condition -> all.add(of(condition)));
    return all;
  }

  /** All conditions of an operation. */
  static List<AccessPredicate> of(AccessRule.Operation operation) {
    List<AccessPredicate> all = new ArrayList<>();
    if (!operation.ports().isEmpty() || !operation.notPorts().isEmpty()) {
      all.add(new Port(List.copyOf(operation.ports()), List.copyOf(operation.notPorts())));
    }
    add(
        all,
        operation.methods(),
        operation.notMethods(),
        (wanted, unwanted) -> new Text(AccessFacts::method, true, wanted, unwanted));
    if (!operation.paths().isEmpty() || !operation.notPaths().isEmpty()) {
      all.add(
          new Text(
              AccessFacts::path,
              true,
              TextPatterns.ofPaths(operation.paths()),
              TextPatterns.ofPaths(operation.notPaths())));
    }
    add(
        all,
        operation.hosts(),
        operation.notHosts(),
        (wanted, unwanted) -> new Spellings(AccessPredicate::hosts, wanted, unwanted));
    return all;
  }

  /** A single condition. */
  static AccessPredicate of(AccessCondition condition) {
    TextPatterns wanted = TextPatterns.of(condition.values());
    TextPatterns unwanted = TextPatterns.of(condition.notValues());
    return switch (condition.attribute()) {
      case SOURCE_PRINCIPAL -> new Text(AccessFacts::principal, false, wanted, unwanted);
      case SOURCE_NAMESPACE -> new Text(AccessFacts::namespace, false, wanted, unwanted);
      case SOURCE_TRUST_DOMAIN -> new Text(AccessFacts::trustDomain, false, wanted, unwanted);
      case CONNECTION_SNI -> new Text(AccessFacts::sni, false, wanted, unwanted);
      case SOURCE_IP -> Address.of(AccessFacts::source, false, condition);
      case REMOTE_IP -> Address.of(AccessFacts::remote, true, condition);
      case DESTINATION_IP -> Address.of(AccessFacts::destination, false, condition);
      case DESTINATION_PORT ->
          new Port(
              condition.values().stream().map(Integer::valueOf).toList(),
              condition.notValues().stream().map(Integer::valueOf).toList());
      case REQUEST_HEADER -> {
        String name = condition.key().get(0).toLowerCase(Locale.ROOT);
        yield new Spellings(facts -> joined(facts.header(name)), wanted, unwanted);
      }
      case REQUEST_PRINCIPAL ->
          new Text(facts -> facts.token().principal(), true, wanted, unwanted);
      case REQUEST_AUDIENCES -> new Any(facts -> facts.token().audiences(), wanted, unwanted);
      case REQUEST_PRESENTER ->
          new Text(facts -> facts.token().presenter(), true, wanted, unwanted);
      case REQUEST_CLAIM -> {
        List<String> key = condition.key();
        yield new Any(facts -> facts.token().claim(key), wanted, unwanted);
      }
    };
  }

  /** Makes a predicate of two lists of patterns. */
  interface Maker {
    AccessPredicate make(TextPatterns wanted, TextPatterns unwanted);
  }

  private static void add(
      List<AccessPredicate> all, List<String> wanted, List<String> unwanted, Maker maker) {
    if (!wanted.isEmpty() || !unwanted.isEmpty()) {
      all.add(maker.make(TextPatterns.of(wanted), TextPatterns.of(unwanted)));
    }
  }

  /** A host that ends with a dot is the same name to a resolver, and another text. */
  private static List<String> hosts(AccessFacts facts) {
    String host = facts.host();
    if (host.isEmpty()) {
      return List.of();
    }
    return host.endsWith(".") ? List.of(host, host.substring(0, host.length() - 1)) : List.of(host);
  }

  /** Applications read the first, the last or the joined value of a repeated header. */
  private static List<String> joined(List<String> values) {
    if (values.size() < 2) {
      return values;
    }
    List<String> spellings = new ArrayList<>(values);
    spellings.add(String.join(",", values));
    return spellings;
  }

  private static boolean matches(TextPatterns wanted, TextPatterns unwanted, String text) {
    return (wanted.isEmpty() || wanted.match(text)) && !unwanted.match(text);
  }

  /** An attribute with one value; empty: missing. */
  record Text(
      Function<AccessFacts, String> attribute,
      boolean needsRequest,
      TextPatterns wanted,
      TextPatterns unwanted)
      implements AccessPredicate {
    @Override
    public boolean holds(AccessFacts facts, Stance stance) {
      String text = attribute.apply(facts);
      return text.isEmpty()
          ? facts.whenUnknown(needsRequest, stance)
          : matches(wanted, unwanted, text);
    }
  }

  /**
   * An attribute of a request that may be read in several ways. So that nobody gains by that, every
   * reading must fit an ALLOW, and one is enough for a DENY.
   */
  record Spellings(
      Function<AccessFacts, List<String>> attribute, TextPatterns wanted, TextPatterns unwanted)
      implements AccessPredicate {
    @Override
    public boolean holds(AccessFacts facts, Stance stance) {
      List<String> readings = attribute.apply(facts);
      if (readings.isEmpty()) {
        return facts.whenUnknown(true, stance);
      }
      boolean allMustFit = stance == Stance.ALLOW;
      for (int i = 0; i < readings.size(); i++) {
        if (matches(wanted, unwanted, readings.get(i)) != allMustFit) {
          return !allMustFit;
        }
      }
      return allMustFit;
    }
  }

  /** An attribute of a request that is a set: one wanted value, and no unwanted one. */
  record Any(
      Function<AccessFacts, List<String>> attribute, TextPatterns wanted, TextPatterns unwanted)
      implements AccessPredicate {
    @Override
    public boolean holds(AccessFacts facts, Stance stance) {
      List<String> values = attribute.apply(facts);
      if (values.isEmpty()) {
        return facts.whenUnknown(true, stance);
      }
      boolean found = wanted.isEmpty();
      for (int i = 0; i < values.size(); i++) {
        if (unwanted.match(values.get(i))) {
          return false;
        }
        found |= wanted.match(values.get(i));
      }
      return found;
    }
  }

  /** An address; null: missing. */
  record Address(
      Function<AccessFacts, @Nullable InetAddress> attribute,
      boolean remote,
      List<IpBlock> wanted,
      List<IpBlock> unwanted)
      implements AccessPredicate {
    static Address of(
        Function<AccessFacts, @Nullable InetAddress> attribute,
        boolean remote,
        AccessCondition condition) {
      return new Address(
          attribute,
          remote,
          condition.values().stream().map(IpBlock::parse).toList(),
          condition.notValues().stream().map(IpBlock::parse).toList());
    }

    @Override
    public boolean holds(AccessFacts facts, Stance stance) {
      InetAddress address = attribute.apply(facts);
      if (address == null) {
        return facts.whenUnknown(remote && facts.remoteNeedsRequest(), stance);
      }
      return (wanted.isEmpty() || within(wanted, address)) && !within(unwanted, address);
    }

    private static boolean within(List<IpBlock> blocks, InetAddress address) {
      for (int i = 0; i < blocks.size(); i++) {
        if (blocks.get(i).contains(address)) {
          return true;
        }
      }
      return false;
    }
  }

  /** The port, which is always known. */
  record Port(List<Integer> wanted, List<Integer> unwanted) implements AccessPredicate {
    @Override
    public boolean holds(AccessFacts facts, Stance stance) {
      return (wanted.isEmpty() || wanted.contains(facts.port()))
          && !unwanted.contains(facts.port());
    }
  }
}
