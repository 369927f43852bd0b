package dev.weft.agent.balance;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A pool while nobody is left out or taken back: who is in, and which part of the requests each
 * group takes. Immutable; thread-safe.
 *
 * <p>Of groups without shares the first takes all as long as five in seven of its endpoints are in
 * (Envoy's overprovisioning factor of 1.4), the next one takes what it cannot, and so on. Groups
 * with shares lose them in the same measure. No group is empty, but a part may be.
 */
final class View {
  private static final int WHOLE = 10_000;

  private final long version;
  private final long until;
  private final boolean panic;
  private final int out;
  private final List<Part> parts;

  /** Sums of the parts' loads; the last is 0 if nobody is in. */
  private final int[] upTo;

  private View(long version, long until, boolean panic, int out, List<Part> parts) {
    this.version = version;
    this.until = until;
    this.panic = panic;
    this.out = out;
    this.parts = List.copyOf(parts);
    this.upTo = loads(parts);
  }

  /**
   * What there is of a group.
   *
   * @param in null: nobody
   * @param due those whose probe is due
   */
  record Part(Group group, @Nullable Draw in, List<Member> due) {}

  static View of(List<Group> groups, @Nullable Outliers outliers, long version, long now) {
    int size = 0;
    int out = 0;
    long until = now + Long.MAX_VALUE / 2;
    for (Group group : groups) {
      size += group.members().size();
      for (Member member : group.members()) {
        Standing standing = member.standing();
        if (outliers != null && standing.out()) {
          out++;
          long end = standing.until();
          until = end - now > 0 && end - until < 0 ? end : until;
        }
      }
    }
    boolean panic = outliers != null && outliers.panics(size - out, size);
    boolean all = outliers == null || panic;
    List<Part> parts = new ArrayList<>(groups.size());
    for (Group group : groups) {
      parts.add(part(group, all, now));
    }
    return new View(version, until, panic, out, parts);
  }

  private static Part part(Group group, boolean all, long now) {
    List<Member> in = new ArrayList<>(group.members().size());
    List<Member> due = new ArrayList<>();
    for (Member member : group.members()) {
      if (all || !member.standing().out()) {
        in.add(member);
      } else if (member.standing().due(now)) {
        due.add(member);
      }
    }
    return new Part(group, in.isEmpty() ? null : new Draw(List.copyOf(in)), List.copyOf(due));
  }

  private static int[] loads(List<Part> parts) {
    int[] healthy = new int[parts.size()];
    int sum = 0;
    for (int i = 0; i < healthy.length; i++) {
      healthy[i] = healthy(parts.get(i));
      sum += healthy[i];
    }
    int whole = Math.min(WHOLE, sum);
    int[] upTo = new int[healthy.length];
    int last = 0;
    for (int i = 0; i < healthy.length; i++) {
      int share = parts.get(i).group().share();
      int load =
          share > 0
              ? share * healthy[i]
              : whole == 0 ? 0 : Math.min(WHOLE - last, healthy[i] * WHOLE / whole);
      last += load;
      upTo[i] = last;
    }
    return upTo;
  }

  private static int healthy(Part part) {
    Draw in = part.in();
    return in == null
        ? 0
        : (int)
            Math.min(WHOLE, 14L * WHOLE / 10 * in.members().size() / part.group().members().size());
  }

  /** Whether it holds for this version of the service's endpoints, at this time. */
  boolean holds(long current, long now) {
    return version == current && now - until < 0;
  }

  /** Whether so few are in that being out means nothing. */
  boolean panic() {
    return panic;
  }

  /** How many are out. */
  int out() {
    return out;
  }

  List<Part> parts() {
    return parts;
  }

  /** Whether anybody is in. */
  boolean anybody() {
    return upTo[upTo.length - 1] > 0;
  }

  /** The part that takes a request, by dice; somebody is in. */
  int part(RandomGenerator dice) {
    int total = upTo[upTo.length - 1];
    return upTo[0] == total ? 0 : at(dice.nextInt(total));
  }

  /** The part that takes a request, by its hash; somebody is in. */
  int part(long hash) {
    return at((int) Long.remainderUnsigned(Hash.of(hash, 1), upTo[upTo.length - 1]));
  }

  private int at(int place) {
    int part = 0;
    while (place >= upTo[part]) {
      part++;
    }
    return part;
  }
}
