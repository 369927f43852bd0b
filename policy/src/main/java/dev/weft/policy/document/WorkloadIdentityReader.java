package dev.weft.policy.document;

import dev.weft.policy.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code WorkloadIdentity}: who workloads are, and what else policies call them. */
final class WorkloadIdentityReader {
  private static final String SCHEME = "spiffe://";

  private WorkloadIdentityReader() {}

  static Spec read(Fields document, Metadata metadata) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFieldsWithin();
    boolean selects = fields.has("selector") || fields.has("targetRefs");
    Map<String, String> selector = Selectors.read(fields);
    List<Spec.TargetRef> targets = TargetRefs.wholeServices(fields, metadata.namespace());
    if (fields.has("selector") && fields.has("targetRefs")) {
      fields.problem(
          Code.BAD_VALUE, "selector", "a document has a selector or targetRefs, never both");
    }
    String account = fields.text("serviceAccount").orElse("");
    if (fields.has("serviceAccount")) {
      id("cluster.local", "default", account)
          .ifPresent(wrong -> fields.problem(Code.BAD_VALUE, "serviceAccount", wrong));
    } else if (selects) {
      fields.problem(Code.MISSING_FIELD, "selects workloads and names no serviceAccount for them");
    }
    List<String> trustDomains = new ArrayList<>();
    for (Fields.Text text : Patterns.texts(fields, "trustDomains")) {
      id(text.value(), "default", "any")
          .ifPresent(wrong -> fields.problem(Code.BAD_VALUE, text, wrong));
      trustDomains.add(text.value());
    }
    List<String> principals = principals(fields);
    if (!fields.has("serviceAccount") && fields.has("principals")) {
      fields.problem(
          Code.MISSING_FIELD, "names principals and no serviceAccount that they stand for");
    }
    if (!selects && !fields.has("trustDomains") && !fields.has("principals")) {
      fields.problem(
          Code.MISSING_FIELD, "says nothing; expected selector, trustDomains or principals");
    }
    fields.finish();
    return new Spec.WorkloadIdentitySpec(
        account,
        selects ? Optional.of(new Spec.Attachment(selector, targets)) : Optional.empty(),
        List.copyOf(trustDomains),
        principals);
  }

  private static List<String> principals(Fields fields) {
    List<Fields.Text> texts = Patterns.texts(fields, "principals");
    for (Fields.Text text : texts) {
      try {
        SpiffeId.parse(SCHEME + text.value());
      } catch (IllegalArgumentException e) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "expected a principal such as cluster.local/ns/default/sa/pay, found \""
                + text.value()
                + "\"");
      }
    }
    return Patterns.values(texts);
  }

  /** What is wrong with the parts of an identity; empty: nothing. */
  private static Optional<String> id(String trustDomain, String namespace, String account) {
    try {
      SpiffeId unused = new SpiffeId(trustDomain, namespace, account);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
