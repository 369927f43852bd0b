package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads where a rule of a {@code VirtualService} sends copies. */
final class IstioMirrors {
  private static final double ALL = 100;
  private static final int PERCENT = 100;
  private static final int FINE = 1_000_000;

  private IstioMirrors() {}

  static List<Spec.MirrorRef> read(Fields rule) {
    List<Spec.MirrorRef> mirrors = new ArrayList<>();
    Optional<Integer> whole = rule.number("mirrorPercent", 0, PERCENT);
    Optional<Integer> older = rule.number("mirror_percent", 0, PERCENT);
    double share =
        IstioFields.percentage(rule, "mirrorPercentage")
            .or(() -> whole.or(() -> older).map(Integer::doubleValue))
            .orElse(ALL);
    rule.object("mirror").ifPresent(mirror -> add(mirror, share, mirrors));
    for (Fields item : rule.objects("mirrors")) {
      double percent = IstioFields.percentage(item, "percentage").orElse(ALL);
      Optional<Fields> destination = item.object("destination");
      if (!item.has("destination")) {
        item.problem(Code.MISSING_FIELD, "field \"destination\" is missing");
      }
      item.finish();
      destination.ifPresent(one -> add(one, percent, mirrors));
    }
    if (rule.has("mirror") && rule.has("mirrors")) {
      rule.problem(Code.BAD_VALUE, "mirror and mirrors exclude each other");
    }
    return List.copyOf(mirrors);
  }

  private static void add(Fields destination, double percent, List<Spec.MirrorRef> mirrors) {
    Spec.BackendRef backend = IstioDestinations.read(destination, 1);
    boolean whole = percent == Math.rint(percent);
    int numerator = (int) Math.round(whole ? percent : percent * FINE / PERCENT);
    if (numerator > 0) {
      mirrors.add(new Spec.MirrorRef(backend, numerator, whole ? PERCENT : FINE));
    }
  }
}
