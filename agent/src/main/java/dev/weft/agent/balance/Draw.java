package dev.weft.agent.balance;

import java.util.List;
import java.util.random.RandomGenerator;

/** Endpoints drawn by their weights. Immutable; thread-safe. */
final class Draw {
  private final List<Member> members;

  /** Sums of the weights up to and with each member; empty: all weigh the same. */
  private final long[] sums;

  private final long total;
  private final double average;

  /** Without a common divisor with the total, so that its multiples come to every place. */
  private final long step;

  Draw(List<Member> members) {
    this.members = members;
    long divisor = 0;
    long all = 0;
    boolean equal = true;
    for (Member member : members) {
      all += member.weight();
      divisor = gcd(member.weight(), divisor);
      equal &= member.weight() == members.get(0).weight();
    }
    average = (double) all / members.size();
    divisor = Math.max(divisor, all / Integer.MAX_VALUE + 1); // so that products fit a long
    sums = new long[equal ? 0 : members.size()];
    long sum = 0;
    for (int i = 0; i < sums.length; i++) {
      sum += Math.max(1, members.get(i).weight() / divisor);
      sums[i] = sum;
    }
    total = equal ? members.size() : sum;
    step = equal ? 1 : step(total);
  }

  List<Member> members() {
    return members;
  }

  /** A member's weight compared with the average one's. */
  double share(Member member) {
    return member.weight() / average;
  }

  Member random(RandomGenerator dice) {
    return at(dice.nextLong(total));
  }

  /**
   * The member of a turn: in {@code total} turns each as often as it weighs, in turns that are far
   * from each other. Steps of the golden ratio spread them about as well as Nginx's smooth round
   * robin, and need neither a lock nor a walk over all members.
   */
  Member inTurn(long turn) {
    return at(Math.floorMod(turn, total) * step % total);
  }

  private Member at(long place) {
    if (sums.length == 0) {
      return members.get((int) place);
    }
    int low = 0;
    int high = sums.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (place < sums[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return members.get(low);
  }

  private static long step(long total) {
    long step = Math.max(1, Math.round(total / 1.618033988749895));
    while (gcd(step, total) != 1) {
      step++;
    }
    return step;
  }

  private static long gcd(long one, long other) {
    return other == 0 ? one : gcd(other, one % other);
  }
}
