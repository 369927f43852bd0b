package dev.weft.policy.document;

/**
 * Reads Gateway API {@code ReferenceGrant}s, of which the mesh needs none: a folder has an owner.
 */
final class ReferenceGrantReader {
  private ReferenceGrantReader() {}

  static Spec read(Fields document) {
    document.problem(
        Code.NO_EFFECT,
        "kind",
        "references across namespaces need no grant here; a ReferenceGrant has no effect");
    GatewayRoute.spec(document)
        .ifPresent(
            fields -> {
              for (Fields from : fields.objects("from")) {
                from.text("group");
                from.requiredText("kind");
                from.requiredText("namespace");
                from.finish();
              }
              for (Fields to : fields.objects("to")) {
                to.text("group");
                to.requiredText("kind");
                to.text("name");
                to.finish();
              }
              fields.finish();
            });
    return new Spec.Nothing();
  }
}
