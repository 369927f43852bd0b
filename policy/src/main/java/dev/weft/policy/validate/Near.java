package dev.weft.policy.validate;

import java.util.Collection;

/** Words that differ by one slip of a finger. Stateless. */
final class Near {
  private static final int SHORTEST = 4;

  private Near() {}

  /** One of the words that one letter more, less, changed or swapped makes of it; empty: none. */
  static String oneOff(String written, Collection<String> words) {
    for (String word : words) {
      if (written.length() >= SHORTEST && !written.equals(word) && oneOff(written, word)) {
        return word;
      }
    }
    return "";
  }

  private static boolean oneOff(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 1) {
      return false;
    }
    int same = 0;
    while (same < a.length() && same < b.length() && a.charAt(same) == b.charAt(same)) {
      same++;
    }
    String restA = a.substring(same);
    String restB = b.substring(same);
    if (restA.length() != restB.length()) {
      return restA.length() > restB.length()
          ? restA.substring(1).equals(restB)
          : restB.substring(1).equals(restA);
    }
    boolean digits = Character.isDigit(restA.charAt(0)) && Character.isDigit(restB.charAt(0));
    boolean swapped =
        restA.length() > 1
            && restA.charAt(0) == restB.charAt(1)
            && restA.charAt(1) == restB.charAt(0)
            && restA.substring(2).equals(restB.substring(2));
    // team1 and team2 are two teams.
    return swapped || (!digits && restA.substring(1).equals(restB.substring(1)));
  }
}
