package dev.weft.policy.document;

/** What Kubernetes would refuse although Weft takes it. Stateless. */
final class Portability {
  private Portability() {}

  /** Warns of a list that is longer than Gateway API's schema lets it be. */
  static void limit(Fields fields, String list, int most) {
    int size = fields.values(list).size();
    if (size > most) {
      fields.problem(
          Code.NOT_PORTABLE, list, "has " + size + " items; Kubernetes takes at most " + most);
    }
  }
}
