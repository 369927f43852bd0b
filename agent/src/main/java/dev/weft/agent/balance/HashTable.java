package dev.weft.agent.balance;

import java.util.Arrays;
import java.util.List;

/**
 * A circle of slots, each an endpoint's. A hash begins at a slot; who may not go to that endpoint
 * goes on to the next slot, so that an endpoint that is out moves its own hashes only. Built over
 * all endpoints, in an order that does not depend on theirs. Immutable; thread-safe.
 */
sealed interface HashTable {
  int slots();

  /** The slot of a hash. */
  int slot(long hash);

  /** The index of the member whose slot it is. */
  int member(int slot);

  /** As many points on a circle of hashes as an endpoint weighs (Ketama's idea). */
  final class Ring implements HashTable {
    private static final int MOST = 8_388_608; // Envoy's

    private final long[] points;
    private final int[] owners;

    private Ring(long[] points, int[] owners) {
      this.points = points;
      this.owners = owners;
    }

    /**
     * A ring of at least {@code least} points, and one for each endpoint. Points per weight are a
     * power of two: an endpoint that comes or goes seldom changes how many the others have, and
     * then moves its own hashes only.
     */
    static Ring of(List<Member> members, int least) {
      double total = members.stream().mapToDouble(Member::weight).sum();
      int exponent = Math.getExponent(least / total);
      exponent = Math.scalb(total, exponent) < least ? exponent + 1 : exponent;
      exponent = Math.scalb(total, exponent) > MOST ? exponent - 1 : exponent;
      int[] copies = new int[members.size()];
      int size = 0;
      for (int i = 0; i < copies.length; i++) {
        copies[i] =
            (int) Math.max(1, Math.round(Math.scalb((double) members.get(i).weight(), exponent)));
        size += copies[i];
      }
      long[][] sorted = new long[size][];
      int next = 0;
      for (int i = 0; i < copies.length; i++) {
        long own = Hash.of(members.get(i).identity());
        for (int copy = 0; copy < copies[i]; copy++) {
          sorted[next++] = new long[] {Hash.of(own, copy + 1), i};
        }
      }
      Arrays.sort(sorted, (one, other) -> Long.compare(one[0], other[0]));
      long[] points = new long[size];
      int[] owners = new int[size];
      for (int i = 0; i < size; i++) {
        points[i] = sorted[i][0];
        owners[i] = (int) sorted[i][1];
      }
      return new Ring(points, owners);
    }

    @Override
    public int slots() {
      return points.length;
    }

    @Override
    public int slot(long hash) {
      int found = Arrays.binarySearch(points, hash);
      int slot = found >= 0 ? found : -found - 1;
      return slot == points.length ? 0 : slot;
    }

    @Override
    public int member(int slot) {
      return owners[slot];
    }
  }

  /**
   * Maglev's table (Eisenbud et al., NSDI 2016, section 3.4): endpoints take turns, each with the
   * next slot of a permutation of its own that is still free. With weights, an endpoint takes as
   * many turns as its part of the heaviest one's weight.
   */
  final class Maglev implements HashTable {
    private final int[] owners;

    private Maglev(int[] owners) {
      this.owners = owners;
    }

    /** A table of {@code size} slots, or of the next prime number. */
    static Maglev of(List<Member> members, int size) {
      int slots = prime(Math.max(size, 2));
      int count = members.size();
      int[] next = new int[count];
      int[] skip = new int[count];
      double[] turns = new double[count];
      int heaviest = 1;
      Integer[] order = new Integer[count];
      for (int i = 0; i < count; i++) {
        long hash = Hash.of(members.get(i).identity());
        next[i] = (int) Long.remainderUnsigned(Hash.of(hash, 1), slots);
        skip[i] = (int) Long.remainderUnsigned(Hash.of(hash, 2), slots - 1) + 1;
        heaviest = Math.max(heaviest, members.get(i).weight());
        order[i] = i;
      }
      // Who comes first in a round must not depend on the list's order, which agents do not share.
      Arrays.sort(
          order,
          (one, other) -> members.get(one).identity().compareTo(members.get(other).identity()));
      int[] owners = new int[slots];
      Arrays.fill(owners, -1);
      int taken = 0;
      while (taken < slots) {
        for (int i : order) {
          turns[i] += (double) members.get(i).weight() / heaviest;
          if (turns[i] < 1) {
            continue;
          }
          turns[i]--;
          while (owners[next[i]] >= 0) {
            next[i] = (int) (((long) next[i] + skip[i]) % slots);
          }
          owners[next[i]] = i;
          if (++taken == slots) {
            break;
          }
        }
      }
      return new Maglev(owners);
    }

    /** The permutation reaches every slot only if their number is prime. */
    private static int prime(int least) {
      int candidate = least;
      while (!isPrime(candidate)) {
        candidate++;
      }
      return candidate;
    }

    private static boolean isPrime(int number) {
      for (int i = 2; (long) i * i <= number; i++) {
        if (number % i == 0) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int slots() {
      return owners.length;
    }

    @Override
    public int slot(long hash) {
      return (int) Long.remainderUnsigned(hash, owners.length);
    }

    @Override
    public int member(int slot) {
      return owners[slot];
    }
  }
}
