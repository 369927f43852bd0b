package dev.weft.it.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The policy, version by version. Every route writes the number of its version into what it sends,
 * so that each server's journal says by which one it was called. Thread-safe.
 */
final class Policies {
  /** The services that it is about. */
  static final List<String> SERVICES = List.of("gate", "orders", "stock", "pay", "ledger");

  private final Folder folder;
  private final List<Version> versions = new ArrayList<>();
  private int broken;

  Policies(Folder folder) {
    this.folder = folder;
  }

  /** Where the documents that change lie, in one file. */
  interface Folder {
    /** Puts another file in its place at once. */
    void replace(int version, String text) throws IOException;
  }

  /**
   * One of them.
   *
   * @param terms by service; a service whose documents are broken is missing
   * @param written when it was not there yet
   */
  record Version(int number, Map<String, Terms> terms, long written) {}

  /** What never changes: the Services, and mutual TLS for everybody. */
  static Map<String, String> base() {
    StringBuilder text = new StringBuilder();
    for (String service : SERVICES) {
      text.append(service(service, ""));
      if (!service.equals("gate")) {
        text.append(service(service, "v1")).append(service(service, "v2"));
      }
    }
    text.append(
        """
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: everyone}
        spec: {mtls: {mode: STRICT}}
        """);
    return Map.of("base.yaml", text.toString());
  }

  private static String service(String app, String version) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s%s}
    spec:
      selector: {app: %s%s}
      ports: [{name: http, port: 80, targetPort: http, appProtocol: http}]
    """
        .formatted(
            app,
            version.isEmpty() ? "" : "-" + version,
            app,
            version.isEmpty() ? "" : ", version: " + version);
  }

  /** A version that fails nothing. */
  synchronized Version calm() throws IOException {
    Map<String, Terms> terms = new LinkedHashMap<>();
    SERVICES.forEach(service -> terms.put(service, Terms.calm(versions.size() + 1, service)));
    return publish(terms);
  }

  /** A version that says this. */
  synchronized Version publish(Map<String, Terms> terms) throws IOException {
    return write(terms, "");
  }

  /** Any version, now and then with documents that are broken. */
  synchronized Version roll(SplittableRandom dice) throws IOException {
    Map<String, Terms> terms = new LinkedHashMap<>();
    for (String service : SERVICES) {
      terms.put(service, Terms.roll(versions.size() + 1, service, dice));
    }
    int die = dice.nextInt(12);
    if (die == 0) {
      broken++;
      return write(Map.of(), "---\nkind: [HTTPRoute, {\n");
    }
    if (die == 1) {
      broken++;
      terms.remove("pay");
      return write(terms, misspelt());
    }
    return write(terms, "");
  }

  /** A route that nobody can mean, stamped so that it would be noticed in force. */
  private String misspelt() {
    return Terms.calm(versions.size() + 1, "pay")
        .documents()
        .replace("backendRefs", "backendReferences");
  }

  private Version write(Map<String, Terms> terms, String more) throws IOException {
    StringBuilder text = new StringBuilder();
    terms.values().forEach(each -> text.append(each.documents()));
    Version version = new Version(versions.size() + 1, new TreeMap<>(terms), System.nanoTime());
    versions.add(version);
    folder.replace(version.number(), text + more);
    return version;
  }

  /** What a version says of a service; empty: there is no such version, or it was broken. */
  synchronized Optional<Terms> terms(String service, int version) {
    return version < 1 || version > versions.size()
        ? Optional.empty()
        : Optional.ofNullable(versions.get(version - 1).terms().get(service));
  }

  /** What may have been in force between the moment that {@code oldest} was, and another one. */
  synchronized Stream<Terms> between(String service, int oldest, long until) {
    return versions.stream()
        .filter(version -> version.number() >= oldest && version.written() <= until)
        .flatMap(version -> Stream.ofNullable(version.terms().get(service)))
        .toList()
        .stream();
  }

  synchronized int count() {
    return versions.size();
  }

  synchronized int broken() {
    return broken;
  }
}
