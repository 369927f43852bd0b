package dev.weft.policy.compile;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which services the clients of a namespace hear of, and when. Immutable once compiled.
 *
 * <ul>
 *   <li>A Service without annotation {@code networking.istio.io/exportTo}: the clients of its own
 *       namespace at once, all others when they call it. Services of the root namespaces: everybody
 *       at once, and so are those whose names are left to DNS, because nobody could ask in time.
 *       With {@code MeshConfig.spec.discovery.scope: Mesh}: everybody at once.
 *   <li>With it: the namespaces it lists ({@code .} is its own, {@code *} all of them) at once, the
 *       others never. {@code ~} is nobody.
 * </ul>
 */
final class Visibility {

  /** What clients of one namespace hear of a service. */
  enum Sight {
    AT_ONCE,
    ON_DEMAND,
    NEVER
  }

  private final Map<String, List<String>> exports = new HashMap<>();
  private Spec.DiscoveryScope scope = Spec.DiscoveryScope.NAMESPACE;

  private Visibility() {}

  /** Of a mesh's documents, in order of precedence. */
  static Visibility compile(List<Document> documents) {
    Visibility visibility = new Visibility();
    boolean configured = false;
    for (Document document : documents) {
      if (document.spec() instanceof Spec.ServiceSpec spec && !spec.exportTo().isEmpty()) {
        visibility.exports.put(document.key(), spec.exportTo());
      } else if (document.kind() == Kind.MESH_CONFIG
          && document.spec() instanceof Spec.MeshConfigSpec spec
          && !configured) {
        configured = true;
        visibility.scope = spec.discoveryScope().orElse(visibility.scope);
      }
    }
    return visibility;
  }

  Sight of(CompiledService service, String clientNamespace) {
    if (!service.exportedTo(clientNamespace)) {
      return Sight.NEVER; // a ServiceEntry says so itself
    }
    boolean own = service.namespace().equals(clientNamespace);
    List<String> exported = exports.get(service.key());
    if (exported != null) {
      boolean listed =
          exported.contains("*")
              || exported.contains(clientNamespace)
              || (own && exported.contains("."));
      return listed ? Sight.AT_ONCE : Sight.NEVER;
    }
    boolean everywhere =
        own
            || scope == Spec.DiscoveryScope.MESH
            || service.virtualAddress().isEmpty()
            || MeshCompiler.ROOT_NAMESPACES.contains(service.namespace());
    return everywhere ? Sight.AT_ONCE : Sight.ON_DEMAND;
  }
}
