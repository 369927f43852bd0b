package dev.weft.agent.mutation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs every mutant against its test, which must fail, after all of the tests have passed without
 * any. Arguments: the root of the repository, and names of mutants if not all shall run. Prints a
 * table; ends with 1 unless every mutant was found.
 */
public final class Mutants {
  private Mutants() {}

  /** A row of the table. */
  private record Outcome(Mutant mutant, String verdict, boolean found) {}

  /** See above. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path root = Path.of(args[0]).toAbsolutePath().normalize();
    List<String> wanted =
        List.of(args).subList(1, args.length).stream().filter(name -> !name.isBlank()).toList();
    List<Mutant> mutants =
        Mutant.of(root).stream()
            .filter(mutant -> wanted.isEmpty() || wanted.contains(mutant.name()))
            .toList();
    boolean good = play(new Laboratory(root), mutants);
    System.exit(good && !mutants.isEmpty() ? 0 : 1);
  }

  private static boolean play(Laboratory laboratory, List<Mutant> mutants)
      throws IOException, InterruptedException {
    boolean good = allPassUnchanged(laboratory, mutants);
    List<Outcome> outcomes = new ArrayList<>();
    for (Mutant mutant : mutants) {
      Outcome outcome = outcome(laboratory, mutant);
      outcomes.add(outcome);
      System.out.println(mutant.name() + ": " + outcome.verdict());
    }
    print(outcomes);
    return good && outcomes.stream().allMatch(Outcome::found);
  }

  private static boolean allPassUnchanged(Laboratory laboratory, List<Mutant> mutants)
      throws IOException, InterruptedException {
    Map<String, List<Mutant>> together = new LinkedHashMap<>();
    for (Mutant mutant : mutants) {
      String where = mutant.story() ? mutant.testClass() : mutant.module();
      together.computeIfAbsent(where, key -> new ArrayList<>()).add(mutant);
    }
    boolean good = true;
    for (var each : together.entrySet()) {
      Laboratory.Verdict verdict = laboratory.unchanged(each.getValue());
      System.out.println("without any mutant, " + each.getKey() + ": " + verdict);
      good &= verdict == Laboratory.Verdict.GREEN;
    }
    return good;
  }

  private static Outcome outcome(Laboratory laboratory, Mutant mutant)
      throws IOException, InterruptedException {
    try {
      Laboratory.Verdict verdict = laboratory.changed(mutant);
      return new Outcome(mutant, verdict.toString(), verdict != Laboratory.Verdict.GREEN);
    } catch (IllegalStateException doesNotApply) {
      return new Outcome(mutant, String.valueOf(doesNotApply.getMessage()), false);
    }
  }

  private static void print(List<Outcome> outcomes) {
    String row = "%-7s %-34s %-7s %s%n";
    System.out.println();
    System.out.printf(row, "hazard", "mutant", "test", "");
    for (Outcome outcome : outcomes) {
      Mutant mutant = outcome.mutant();
      String test = mutant.test().replace("dev.weft.", "");
      System.out.printf(row, mutant.hazard(), mutant.name(), outcome.verdict(), test);
    }
    long found = outcomes.stream().filter(Outcome::found).count();
    System.out.println();
    System.out.println(found + " of " + outcomes.size() + " mutants were found");
  }
}
