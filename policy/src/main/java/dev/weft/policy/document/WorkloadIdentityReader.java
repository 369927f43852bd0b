package dev.weft.policy.document;

import dev.weft.policy.SpiffeId;
import java.util.ArrayList;
import java.util.List;
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
    fields.refuseEmptyFields();
    boolean selects = fields.has("selector") || fields.has("targetRefs") || fields.has("targetRef");
    Spec.Attachment attachment = Attachments.read(fields, metadata);
    String account = fields.text("serviceAccount").orElse("");
    if (!account.isEmpty()) {
      id("cluster.local", metadata.namespace(), account)
          .ifPresent(wrong -> fields.problem(Code.BAD_VALUE, "serviceAccount", wrong));
    } else if (selects) {
      fields.problem(Code.MISSING_FIELD, "selects workloads and names no serviceAccount for them");
    }
    List<String> trustDomains = new ArrayList<>();
    for (Fields.Text text : fields.texts("trustDomains")) {
      id(text.value(), "default", "any")
          .ifPresent(wrong -> fields.problem(Code.BAD_VALUE, text, wrong));
      trustDomains.add(text.value());
    }
    List<String> principals = principals(fields);
    if (account.isEmpty() && !principals.isEmpty()) {
      fields.problem(
          Code.MISSING_FIELD, "names principals and no serviceAccount that they stand for");
    }
    if (!selects && trustDomains.isEmpty() && principals.isEmpty()) {
      fields.problem(
          Code.MISSING_FIELD, "says nothing; expected selector, trustDomains or principals");
    }
    fields.finish();
    return new Spec.WorkloadIdentitySpec(
        account,
        selects ? Optional.of(attachment) : Optional.empty(),
        List.copyOf(trustDomains),
        principals);
  }

  private static List<String> principals(Fields fields) {
    List<Fields.Text> texts = fields.texts("principals");
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
