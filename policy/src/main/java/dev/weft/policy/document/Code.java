package dev.weft.policy.document;

import java.util.Locale;

/**
 * Every kind of {@link Diagnostic}. Codes are stable: a number is never given a new meaning, and 24
 * has had one.
 */
public enum Code {
  SYNTAX(1, Effect.REFUSED, "The file is not YAML; nothing in it can be told apart"),
  ENCODING(2, Effect.REFUSED, "The file is not UTF-8"),
  LIMIT(3, Effect.REFUSED, "Too large, too deep, or too many aliases"),
  YAML_FEATURE(4, Effect.REFUSED, "A feature of YAML that policy files do without"),
  DUPLICATE_KEY(5, Effect.REFUSED, "A key stands twice in one mapping"),
  UNKNOWN_KIND(6, Effect.REFUSED, "An apiVersion or kind that does not exist or is not read"),
  UNKNOWN_FIELD(7, Effect.REFUSED, "A field that the kind does not have"),
  WRONG_TYPE(8, Effect.REFUSED, "A text where a number belongs, a list where a map belongs ..."),
  MISSING_FIELD(9, Effect.REFUSED, "A required field is missing"),
  BAD_VALUE(10, Effect.REFUSED, "A value of the right type that means nothing here"),
  NOT_SUPPORTED(
      11, Effect.REFUSED, "A known feature that cannot be enforced yet and must not be dropped"),
  DUPLICATE_DOCUMENT(12, Effect.REFUSED, "Two documents of one kind, namespace and name"),
  FAILS_CLOSED(
      13, Effect.REFUSED, "A broken security document without good version forbids all it may"),

  NOT_ENFORCED(20, Effect.WARNING, "A known field that is read and has no effect yet"),
  UNSUPPORTED_FILTER(
      21, Effect.INVALID_PART, "A filter that cannot be carried out; its requests get 500"),
  UNREACHABLE_RULE(22, Effect.WARNING, "An earlier rule takes every request of this one"),
  LEFT_OUT(23, Effect.WARNING, "Agents do not do this yet; requests are sent without it"),
  DOES_NOT_FIT(25, Effect.REFUSED, "Settings that exclude each other, or lack one another"),
  UNKNOWN_MIRROR(26, Effect.WARNING, "A copy of requests leads nowhere; it is not sent"),
  NO_EFFECT(27, Effect.WARNING, "A document or reference that is accepted and means nothing here"),
  NO_ENDPOINTS(28, Effect.WARNING, "A Service without endpoints, or endpoints without a Service"),
  NOT_PORTABLE(29, Effect.WARNING, "Weft takes it; Kubernetes would refuse it"),

  UNKNOWN_PARENT(30, Effect.WARNING, "A route is bound to a Service that does not exist"),
  UNKNOWN_BACKEND(
      31, Effect.WARNING, "A backend does not exist or cannot be one; its requests get 500"),
  UNKNOWN_PORT(32, Effect.WARNING, "A reference names a port that the Service does not have"),
  NO_TARGET_PORT(33, Effect.WARNING, "A workload does not listen on a Service's targetPort"),
  CONFLICT(34, Effect.WARNING, "Two documents say different things about the same; one wins"),
  UNUSABLE_NAME(35, Effect.WARNING, "A workload's service name cannot be part of a host name"),
  ADDRESS_TAKEN(36, Effect.WARNING, "Two identities claim one address and port; the first has it"),
  UNKNOWN_TARGET(37, Effect.WARNING, "A policy names a Service that does not exist"),

  NO_WORKLOAD(40, Effect.WARNING, "A policy concerns no workload that is registered"),
  NEVER_MATCHES(41, Effect.WARNING, "A rule whose conditions exclude each other"),
  SHADOWED_POLICY(
      42, Effect.WARNING, "An unconditional rule decides everything that this one judges"),
  ODD_METHOD(43, Effect.WARNING, "A method in lower case; methods are compared exactly"),
  REQUEST_RULE_ON_TCP(44, Effect.WARNING, "A rule on requests where a Service says there are none"),
  FOREIGN_IDENTITY(45, Effect.WARNING, "A principal of another trust domain than the mesh's"),
  UNKNOWN_IDENTITY(46, Effect.WARNING, "An identity that no registered workload has"),
  NO_KEYS(47, Effect.WARNING, "The keys of an issuer are not known; its tokens are refused"),
  OTHER_IDENTITY(48, Effect.WARNING, "A workload has another identity than a document says"),
  NO_TOKENS(49, Effect.WARNING, "A rule on tokens where no RequestAuthentication judges any"),
  KIND_WITHOUT_EFFECT(70, Effect.WARNING, "A kind that means nothing to a mesh without proxies"),
  CONSUMERS_ONLY(
      71, Effect.WARNING, "A VirtualService of another namespace binds that namespace's clients"),
  NOT_THE_MESH(72, Effect.WARNING, "Gateways are not part of the mesh"),
  UNKNOWN_SUBSET(
      73, Effect.INVALID_PART, "No DestinationRule defines the subset; its requests get 500"),
  UNKNOWN_DELEGATE(
      74, Effect.INVALID_PART, "The document delegated to is missing; its requests get 500"),
  NEVER_DELEGATED(75, Effect.WARNING, "No request gets to the rules of a delegate"),
  LET_THROUGH(
      76, Effect.WARNING, "Calls to this host are let through; nothing is done to them on the way"),
  HOST_TAKEN(77, Effect.WARNING, "Two services have one name; the first has it"),

  UNKNOWN_RULE(80, Effect.WARNING, "A policy names a rule that its route does not have"),
  TOO_MANY_POLICIES(81, Effect.WARNING, "More policies for one target than can count"),

  // Between documents: what only the whole mesh shows. See dev.weft.policy.validate.
  SHADOWED_RULE(90, Effect.WARNING, "Earlier rules, of any route, take every request of this one"),
  SHADOWED_MATCH(91, Effect.INFO, "One of a rule's matches can never be the one that fits"),
  REPLACED_ROUTE(92, Effect.INFO, "A consumer's route replaces the producer's for its clients"),
  NO_WEIGHT(93, Effect.WARNING, "All weights of a rule are zero; its requests get 500"),
  REPEATED_BACKEND(94, Effect.WARNING, "One backend stands twice in a rule"),
  TINY_WEIGHT(95, Effect.WARNING, "A backend gets less than one request in a thousand"),
  ODD_PERCENTAGES(96, Effect.INFO, "Weights that look like percentages do not add up to 100"),
  SELECTS_NOTHING(97, Effect.WARNING, "A policy's selector fits no Service and no workload"),
  NEAR_NAMESPACE(98, Effect.WARNING, "A namespace without Services is a slip from one with some"),
  EMPTY_NAMESPACE(99, Effect.INFO, "A policy stands in a namespace in which nothing is known"),
  PERMISSIVE_HOLE(100, Effect.WARNING, "PERMISSIVE where everything around it is STRICT"),
  DISABLED_HOLE(101, Effect.WARNING, "DISABLE where everything around it is STRICT"),
  NEEDLESSLY_PERMISSIVE(
      102, Effect.INFO, "PERMISSIVE, although every workload that is known is in the mesh"),
  IDENTITIES_ON_PERMISSIVE(
      103, Effect.INFO, "A policy lets only identities in, on a port that accepts plaintext"),
  IDENTITIES_ON_DISABLED(
      104, Effect.WARNING, "A policy asks for identities on a port with mode DISABLE"),
  WIDE_MESH_NETWORK(105, Effect.WARNING, "meshNetworks counts far more than a mesh as its own"),
  UNKNOWN_PRINCIPAL(107, Effect.WARNING, "A principal that nobody in the mesh has"),
  UNKNOWN_SOURCE_NAMESPACE(
      108, Effect.WARNING, "A policy names a namespace in which nothing is known"),
  REVOKED_BUT_ALLOWED(109, Effect.WARNING, "A revoked identity is allowed by a policy"),
  HOST_CLAIMED_TWICE(110, Effect.WARNING, "Two Services have one host; the first has it"),
  UNKNOWN_HOST(111, Effect.WARNING, "A policy names a host that no Service has"),
  SERVICE_PORT_IN_POLICY(
      112, Effect.WARNING, "A policy names a Service's port where the workload's belongs"),
  ATTEMPT_OUTLASTS_REQUEST(113, Effect.WARNING, "One attempt may last longer than the request"),
  RETRIES_CUT_SHORT(114, Effect.INFO, "The request's timeout leaves no time for all retries"),
  DELAY_OUTLASTS_REQUEST(115, Effect.WARNING, "An injected delay is longer than the timeout"),
  NO_READY_ENDPOINT(116, Effect.WARNING, "A backend has no endpoint that is ready"),
  SAME_POLICY_TWICE(117, Effect.INFO, "Two policies say the same about the same workloads"),
  OVERLAPPING_SELECTORS(
      118, Effect.WARNING, "Two documents select one workload; the older one counts"),
  USELESS_IGNORE(119, Effect.INFO, "weft.dev/lint-ignore names a code that does not occur"),
  NAME_OF_NOBODY(120, Effect.WARNING, "A subjectAltName that no workload behind the host can have"),
  NAME_LEFT_OUT(121, Effect.WARNING, "A workload has an identity that subjectAltNames leave out"),
  UNUSABLE_SNI(122, Effect.WARNING, "An sni that no client can ask for"),
  REVOKES_NOBODY(123, Effect.WARNING, "A revoked identity that nobody in the mesh can have"),
  CERTIFICATE_OF_ANOTHER_KEY(124, Effect.WARNING, "A key's certificate is of another key, or none");

  /** What a diagnostic does to its document. */
  enum Effect {
    /** The document is not in force; its last good version is. */
    REFUSED(Severity.ERROR),
    /** The document is in force, but a part of it answers with an error. */
    INVALID_PART(Severity.ERROR),
    /** The document is in force. */
    WARNING(Severity.WARNING),
    /** The document is in force, and may well be meant as it is. */
    INFO(Severity.INFO);

    private final Severity severity;

    Effect(Severity severity) {
      this.severity = severity;
    }
  }

  private final int number;
  private final Effect effect;
  private final String explanation;

  Code(int number, Effect effect, String explanation) {
    this.number = number;
    this.effect = effect;
    this.explanation = explanation;
  }

  /** As it is printed: {@code WEFT007}. */
  public String id() {
    return String.format(Locale.ROOT, "WEFT%03d", number);
  }

  /** How bad it is. */
  public Severity severity() {
    return effect.severity;
  }

  /** Whether a document with it is not in force. */
  public boolean refuses() {
    return effect == Effect.REFUSED;
  }

  /** One line for people. */
  public String explanation() {
    return explanation;
  }

  /** A diagnostic of this kind. */
  public Diagnostic at(Place place, String message) {
    return new Diagnostic(place.file(), place.line(), place.column(), severity(), id(), message);
  }
}
