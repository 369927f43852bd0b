package dev.weft.server.demo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts of answers. Stateless. */
public final class Tally {
  private Tally() {}

  /** Failed requests by status and text; empty: none failed. */
  public static Map<String, Integer> failures(List<Answer> answers) {
    Map<String, Integer> failures = new TreeMap<>();
    answers.stream()
        .filter(answer -> !answer.ok())
        .forEach(answer -> failures.merge(answer.status() + " " + answer.body(), 1, Integer::sum));
    return failures;
  }

  /** Answers by the instance of pay that was paid. */
  public static Map<String, Integer> instances(List<Answer> answers) {
    Map<String, Integer> instances = new TreeMap<>();
    answers.forEach(answer -> instances.merge(answer.instance(), 1, Integer::sum));
    return instances;
  }
}
