package dev.weft.server.diff;

import dev.weft.policy.Access;
import dev.weft.policy.AccessConnection;
import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRequest;
import dev.weft.policy.AccessRule;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Peer;
import dev.weft.policy.Snapshot;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.compile.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Who may call a workload and could not before, and the reverse. Asks {@link Access} about every
 * caller that is known and a sample of requests: every method, path and host that a policy names,
 * and one of each that none names. Stateless.
 */
final class AccessChanges {
  private static final int MOST_CALLERS = 200;
  private static final int MOST_VALUES = 24;
  private static final int MOST_NAMED = 4;

  /** Neither a policy nor a person uses it. */
  private static final String UNNAMED = "weft-any-other";

  private AccessChanges() {}

  /** Somebody who may call: with an identity, or without one. */
  private record Caller(String name, Optional<SpiffeId> id, boolean anybody) {}

  /** A value that a request has, and what people call it: the pattern that it is a sample of. */
  private record Value(String sample, String name) {}

  private record Request(Value method, Value path, Value host) {
    String text() {
      return method.name()
          + " "
          + path.name()
          + (host.sample().isEmpty() ? "" : " of " + host.name());
    }
  }

  static void add(
      String subject,
      List<Integer> ports,
      Snapshot old,
      Snapshot now,
      MeshModel before,
      MeshModel after,
      Set<Change> changes) {
    if (saying(old.inbound()).equals(saying(now.inbound()))) {
      return;
    }
    List<AccessPolicy> policies = new ArrayList<>(old.inbound().policies());
    policies.addAll(now.inbound().policies());
    List<Request> requests = requests(policies);
    Map<String, List<String>> said = new LinkedHashMap<>();
    Map<String, Boolean> risks = new LinkedHashMap<>();
    for (int port : ports) {
      for (Caller caller : callers(policies, before, after)) {
        Set<Request> could = allowed(old.inbound(), caller, port, requests);
        Set<Request> can = allowed(now.inbound(), caller, port, requests);
        boolean modeSaysIt =
            caller.id().isEmpty()
                && old.inbound().mtls(port).mode() != now.inbound().mtls(port).mode();
        if (could.equals(can) || modeSaysIt) {
          continue;
        }
        Set<Request> gained = new LinkedHashSet<>(can);
        gained.removeAll(could);
        Set<Request> lost = new LinkedHashSet<>(could);
        lost.removeAll(can);
        if (!gained.isEmpty()) {
          String text =
              "may now call port " + port + what(gained, requests) + ", and could not before";
          said.computeIfAbsent(text, key -> new ArrayList<>()).add(caller.name());
          risks.merge(text, caller.anybody(), Boolean::logicalOr);
        }
        if (!lost.isEmpty()) {
          String text = "may no longer call port " + port + what(lost, requests);
          said.computeIfAbsent(text, key -> new ArrayList<>()).add(caller.name());
        }
      }
    }
    said.forEach(
        (text, callers) ->
            changes.add(
                new Change(
                    subject,
                    String.join(", ", callers) + " " + text,
                    risks.getOrDefault(text, false))));
  }

  /** What policies say, whoever says it and in whatever order. */
  private static Set<Object> saying(Inbound inbound) {
    Set<Object> saying = new LinkedHashSet<>();
    for (AccessPolicy policy : inbound.policies()) {
      if (!policy.dryRun()) {
        saying.add(List.of(policy.action(), Set.copyOf(policy.rules())));
      }
    }
    return saying;
  }

  private static String what(Set<Request> some, List<Request> all) {
    if (some.size() == all.size()) {
      return "";
    }
    List<String> texts = some.stream().map(Request::text).toList();
    return texts.size() <= MOST_NAMED
        ? " with " + String.join(", ", texts)
        : " with "
            + String.join(", ", texts.subList(0, MOST_NAMED))
            + " and "
            + (texts.size() - MOST_NAMED)
            + " more kinds of requests";
  }

  private static Set<Request> allowed(
      Inbound inbound, Caller caller, int port, List<Request> requests) {
    MtlsMode mode = inbound.mtls(port).mode();
    Set<Request> allowed = new LinkedHashSet<>();
    if (mode == MtlsMode.STRICT && caller.id().isEmpty()) {
      return allowed;
    }
    Peer peer = new Peer(mode == MtlsMode.DISABLE ? Optional.empty() : caller.id());
    AccessConnection connection = AccessConnection.of(peer, port);
    Access access = Access.of(inbound);
    for (Request request : requests) {
      String host = request.host().sample().isEmpty() ? UNNAMED : request.host().sample();
      AccessRequest asked =
          new AccessRequest(connection, request.method().sample(), request.path().sample(), host);
      if (access.request(asked).allowed()) {
        allowed.add(request);
      }
    }
    return allowed;
  }

  private static List<Caller> callers(
      List<AccessPolicy> policies, MeshModel before, MeshModel after) {
    String domain = after.trustDomain();
    Map<String, Caller> callers = new LinkedHashMap<>();
    List<AccessRule.Source> sources = new ArrayList<>();
    policies.forEach(policy -> policy.rules().forEach(rule -> sources.addAll(rule.from())));
    for (AccessRule.Source source : sources) {
      source.principals().forEach(principal -> add(principal, domain, callers));
      source.notPrincipals().forEach(principal -> add(principal, domain, callers));
      List<String> namespaces = new ArrayList<>(source.namespaces());
      namespaces.addAll(source.notNamespaces());
      for (String namespace : namespaces) {
        if (!namespace.contains("*")) {
          callers.putIfAbsent(
              "of " + namespace,
              new Caller(
                  "anybody else of namespace " + namespace,
                  Optional.of(new SpiffeId(domain, namespace, UNNAMED)),
                  true));
        }
      }
    }
    for (Workload member : members(before, after)) {
      if (callers.size() < MOST_CALLERS) {
        add(member.spiffeId().substring("spiffe://".length()), domain, callers);
      }
    }
    callers.put(
        "anybody",
        new Caller(
            "anybody else of the mesh", Optional.of(new SpiffeId(domain, UNNAMED, UNNAMED)), true));
    callers.put("nobody", new Caller("a caller without identity", Optional.empty(), true));
    return List.copyOf(callers.values());
  }

  private static List<Workload> members(MeshModel before, MeshModel after) {
    Map<String, Workload> all = new LinkedHashMap<>(before.members());
    all.putAll(after.members());
    return List.copyOf(all.values());
  }

  private static void add(String principal, String domain, Map<String, Caller> callers) {
    String[] parts = principal.split("/", -1);
    if (parts.length != 5 || principal.contains("*")) {
      return; // a pattern: the callers that are known stand for whom it means
    }
    String name = parts[0].equals(domain) ? parts[2] + "/" + parts[4] : principal;
    try {
      callers.putIfAbsent(
          principal,
          new Caller(name, Optional.of(new SpiffeId(parts[0], parts[2], parts[4])), false));
    } catch (IllegalArgumentException e) {
      // No identity of SPIFFE: nobody has it.
    }
  }

  private static List<Request> requests(List<AccessPolicy> policies) {
    Set<Value> methods = values(policies, AccessRule.Operation::methods);
    methods.addAll(values(policies, AccessRule.Operation::notMethods));
    Set<Value> paths = values(policies, AccessRule.Operation::paths);
    paths.addAll(values(policies, AccessRule.Operation::notPaths));
    Set<Value> hosts = values(policies, AccessRule.Operation::hosts);
    hosts.addAll(values(policies, AccessRule.Operation::notHosts));
    methods.add(new Value(UNNAMED, "any other method"));
    paths.add(new Value("/" + UNNAMED, "any other path"));
    hosts.add(new Value("", ""));
    List<Request> requests = new ArrayList<>();
    for (Value method : methods) {
      for (Value path : paths) {
        for (Value host : hosts) {
          requests.add(new Request(method, path, host));
        }
      }
    }
    return requests;
  }

  /** One text for each pattern that fits it. */
  private static Set<Value> values(
      List<AccessPolicy> policies, Function<AccessRule.Operation, List<String>> list) {
    Set<Value> values = new TreeSet<>(Comparator.comparing(Value::sample));
    for (AccessPolicy policy : policies) {
      for (AccessRule rule : policy.rules()) {
        for (AccessRule.Operation operation : rule.to()) {
          for (String pattern : list.apply(operation)) {
            if (values.size() < MOST_VALUES && !pattern.equals("*")) {
              values.add(new Value(sample(pattern), pattern));
            }
          }
        }
      }
    }
    return values;
  }

  private static String sample(String pattern) {
    if (pattern.startsWith("*")) {
      return "/" + pattern.substring(1);
    }
    return pattern.endsWith("*") ? pattern.substring(0, pattern.length() - 1) + "x" : pattern;
  }
}
