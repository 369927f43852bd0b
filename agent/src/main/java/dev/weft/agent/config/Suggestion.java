package dev.weft.agent.config;

import java.util.Collection;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The word somebody probably meant. */
final class Suggestion {
  private Suggestion() {}

  /** The nearest word if at most two letters differ, or a third of a short one; else null. */
  static @Nullable String nearest(String word, Collection<String> known) {
    String best = null;
    int limit = Math.min(2, Math.max(1, word.length() / 3));
    int least = limit + 1;
    for (String candidate : new TreeSet<>(known)) {
      int distance = distance(word, candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Damerau-Levenshtein, neighbours swapped once count one. */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        cost[i][j] = swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
      }
    }
    return cost[a.length()][b.length()];
  }
}
