package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads files into documents. Stateless. */
final class DocumentReader {
  private DocumentReader() {}

  /**
   * What a file holds.
   *
   * @param unreadable why its documents could not be told apart; then there are none
   */
  record ReadFile(List<ReadDocument> documents, Optional<Diagnostic> unreadable) {}

  /**
   * A document, in force or not.
   *
   * @param kind empty when unknown
   * @param kindText as written
   * @param namespace empty when unknown, and for kinds without namespace
   * @param name empty when unknown
   * @param document empty when it is refused
   * @param failClosed what stands in for a refused security document without good version
   */
  record ReadDocument(
      Optional<Kind> kind,
      String kindText,
      String namespace,
      String name,
      Place place,
      Optional<Document> document,
      Optional<Document> failClosed,
      List<Diagnostic> diagnostics) {

    /** Whether it is known which document this is, be it broken or not. */
    boolean identified() {
      return kind.isPresent() && !name.isEmpty();
    }
  }

  /** Reads a file; never throws. */
  static ReadFile read(SourceFile file) {
    YamlReader.Content content = YamlReader.read(file);
    List<ReadDocument> documents = new ArrayList<>();
    for (YamlReader.Root root : content.roots()) {
      readRoot(root, documents);
    }
    return new ReadFile(List.copyOf(documents), content.unreadable());
  }

  private static void readRoot(YamlReader.Root root, List<ReadDocument> documents) {
    Optional<YamlValue.Sequence> items = listItems(root.value());
    if (items.isEmpty()) {
      documents.add(read(root.value(), root.problems(), Optional.empty()));
      return;
    }
    // A problem on the level of YAML cannot be told to belong to one item: it stands with the list.
    Problems problems = root.problems();
    Optional<Kind> itemKind = Optional.empty();
    Optional<Fields> fields = Fields.of(root.value(), "", problems);
    if (fields.isPresent()) {
      String kind = fields.get().requiredText("kind");
      itemKind = Kind.parse(kind.substring(0, kind.length() - "List".length()));
      fields.get().requiredText("apiVersion");
      fields.get().ignore("items", "metadata");
      fields.get().finish();
    }
    if (problems.refused()) {
      documents.add(
          new ReadDocument(
              Optional.empty(),
              "List",
              "",
              "",
              root.value().place(),
              Optional.empty(),
              Optional.empty(),
              problems.diagnostics()));
      return;
    }
    for (YamlValue item : items.get().values()) {
      documents.add(read(item, new Problems(), itemKind));
    }
  }

  /** The items of {@code kind: List} and of {@code kind: ServiceList} and its like. */
  private static Optional<YamlValue.Sequence> listItems(YamlValue root) {
    boolean list = false;
    Optional<YamlValue.Sequence> items = Optional.empty();
    if (root instanceof YamlValue.Mapping mapping) {
      for (YamlValue.Entry entry : mapping.entries()) {
        if (entry.key().equals("kind") && entry.value() instanceof YamlValue.Scalar kind) {
          list = kind.text().endsWith("List");
        } else if (entry.key().equals("items")
            && entry.value() instanceof YamlValue.Sequence sequence) {
          items = Optional.of(sequence);
        }
      }
    }
    return list ? items : Optional.empty();
  }

  static ReadDocument read(YamlValue root, Problems problems, Optional<Kind> listed) {
    Optional<Fields> found = Fields.of(root, "", problems);
    if (found.isEmpty()) {
      return new ReadDocument(
          listed,
          "",
          "",
          "",
          root.place(),
          Optional.empty(),
          Optional.empty(),
          problems.diagnostics());
    }
    Fields fields = found.get();
    boolean soundYaml = !problems.refused();
    // The items of a typed list have no kind of their own.
    boolean untyped = listed.isPresent() && !fields.has("kind") && !fields.has("apiVersion");
    String kindText = untyped ? listed.get().text() : fields.requiredName("kind");
    Optional<Kind> kind = untyped ? listed : readKind(fields, kindText);
    Metadata metadata = Metadata.UNKNOWN;
    if (fields.has("metadata")) {
      metadata =
          fields.object("metadata").map(m -> Metadata.read(m, kind)).orElse(Metadata.UNKNOWN);
    } else {
      fields.problem(Code.MISSING_FIELD, "field \"metadata\" is missing");
    }
    Optional<Document> document = Optional.empty();
    Optional<Document> failClosed = Optional.empty();
    if (kind.isPresent()) {
      Spec spec = readSpec(kind.get(), fields, metadata);
      fields.ignore("status");
      fields.finish();
      if (!problems.refused()) {
        document =
            Optional.of(
                new Document(
                    kind.get(),
                    metadata.namespace(),
                    metadata.name(),
                    metadata.created(),
                    root.place(),
                    spec,
                    metadata.ignored()));
      } else if (!metadata.name().isEmpty()) {
        // Where a key stands twice, say, what was read of the selector may be the wrong half.
        Spec trusted = soundYaml ? spec : new Spec.Nothing();
        failClosed = FailClosed.of(kind.get(), metadata, root.place(), trusted);
      }
    }
    return new ReadDocument(
        kind,
        kindText,
        metadata.namespace(),
        metadata.name(),
        root.place(),
        document,
        failClosed,
        problems.diagnostics());
  }

  private static Optional<Kind> readKind(Fields fields, String text) {
    String apiVersion = fields.requiredName("apiVersion");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Kind> kind = Kind.parse(text);
    if (kind.isEmpty()) {
      fields.problem(
          Code.UNKNOWN_KIND,
          "kind",
          "unknown kind \"" + text + "\"" + Suggestion.of(text, Kind.texts()));
      return kind;
    }
    if (!apiVersion.isEmpty() && !kind.get().apiVersions().contains(apiVersion)) {
      fields.problem(
          Code.UNKNOWN_KIND,
          "apiVersion",
          text
              + " is read in "
              + String.join(", ", kind.get().apiVersions())
              + "; found \""
              + apiVersion
              + "\"");
    }
    return kind;
  }

  private static Spec readSpec(Kind kind, Fields fields, Metadata metadata) {
    return switch (kind) {
      case SERVICE -> ServiceReader.read(fields, metadata);
      case ENDPOINT_SLICE -> EndpointSliceReader.read(fields, metadata);
      case HTTP_ROUTE -> HttpRouteReader.read(fields, metadata);
      case GRPC_ROUTE -> GrpcRouteReader.read(fields, metadata);
      case TLS_ROUTE -> ConnectionRouteReader.tls(fields, metadata);
      case TCP_ROUTE -> ConnectionRouteReader.tcp(fields, metadata);
      case REFERENCE_GRANT -> ReferenceGrantReader.read(fields);
      case BACKEND_TRAFFIC_POLICY -> BackendTrafficPolicyReader.read(fields, metadata);
      case PEER_AUTHENTICATION -> PeerAuthenticationReader.read(fields);
      case AUTHORIZATION_POLICY -> AuthorizationPolicyReader.read(fields, metadata);
      case REQUEST_AUTHENTICATION -> RequestAuthenticationReader.read(fields, metadata);
      case WORKLOAD_IDENTITY -> WorkloadIdentityReader.read(fields, metadata);
      case DESTINATION_RULE -> DestinationRuleReader.read(fields, metadata);
      case VIRTUAL_SERVICE -> VirtualServiceReader.read(fields, metadata);
      case SERVICE_ENTRY -> ServiceEntryReader.read(fields, metadata);
      case WORKLOAD_ENTRY -> WorkloadEntryReader.read(fields);
      case SIDECAR,
          ENVOY_FILTER,
          PROXY_CONFIG,
          WORKLOAD_GROUP,
          WASM_PLUGIN,
          GATEWAY,
          GATEWAY_CLASS ->
          WithoutEffect.read(fields, kind);
      case TELEMETRY -> TelemetryReader.read(fields);
      case FAULT_POLICY -> FaultPolicyReader.read(fields, metadata.namespace());
      case RESILIENCE_POLICY -> ResiliencePolicyReader.read(fields, metadata.namespace());
      case TELEMETRY_POLICY -> TelemetryPolicyReader.read(fields, metadata.namespace());
      case RATE_LIMIT_POLICY -> RateLimitPolicyReader.read(fields, metadata.namespace());
      case MESH_CONFIG -> MeshConfigReader.read(fields);
      case NAMESPACE -> {
        fields.ignore("spec");
        yield new Spec.Nothing();
      }
      case SERVICE_ACCOUNT -> {
        fields.ignore("secrets", "imagePullSecrets", "automountServiceAccountToken");
        yield new Spec.Nothing();
      }
    };
  }
}
