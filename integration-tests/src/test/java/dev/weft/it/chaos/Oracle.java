package dev.weft.it.chaos;

import dev.weft.it.chaos.Made.Ending;
import dev.weft.it.chaos.Made.Execution;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Says of every call whether it went as the policy allows. Of a call that reached a server, the
 * server knows the version by which it was sent; of the others, it is one of those from the newest
 * that the caller is known to have followed before, to the newest that was written in time.
 */
final class Oracle {
  /** No call may last longer: nobody is stopped as long. */
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(20);

  /** For how long a connection may be found broken after its server has been harmed. */
  private static final long AFTERWARDS = TimeUnit.SECONDS.toNanos(10);

  /**
   * For how long one may be called that died while no config server could notice: the next server
   * keeps it for 45 s, and may itself be away now and then.
   */
  private static final long UNNOTICED = TimeUnit.SECONDS.toNanos(70);

  /** A server that is killed may not have written down yet what it noticed. */
  private static final long UNWRITTEN = TimeUnit.SECONDS.toNanos(2);

  /**
   * For how long the next server may not know one that had registered just before: a known limit.
   */
  private static final long UNKNOWN = TimeUnit.SECONDS.toNanos(5);

  private static final int SUCCESS = 200;

  private final History history;
  private final Policies policies;
  private final List<Hurt> hurts;
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Integer> allowed = new TreeMap<>();
  private final Map<String, Integer> oldest = new HashMap<>();

  private Oracle(History history, Policies policies, List<Hurt> hurts) {
    this.history = history;
    this.policies = policies;
    this.hurts = hurts;
  }

  /** Judges everything. */
  static Oracle judge(History history, Policies policies, List<Hurt> hurts) {
    Oracle oracle = new Oracle(history, policies, hurts);
    oracle.violations.addAll(history.contradictions());
    oracle.findOldest();
    for (Made call : history.all()) {
      oracle.executions(call);
      oracle.ending(call);
    }
    return oracle;
  }

  /** What must not have been. */
  List<String> violations() {
    return violations;
  }

  /** How often each thing happened that need not, and may. */
  Map<String, Integer> allowed() {
    return allowed;
  }

  /** For each call the newest version that its caller followed in a call that had ended before. */
  private void findOldest() {
    Map<String, List<Made>> byCaller = new HashMap<>();
    for (Made call : history.all()) {
      String key = call.caller + " " + call.service;
      byCaller.computeIfAbsent(key, missing -> new ArrayList<>()).add(call);
    }
    for (List<Made> calls : byCaller.values()) {
      List<Made> ended = new ArrayList<>(calls);
      ended.sort(Comparator.comparingLong(call -> call.end));
      calls.sort(Comparator.comparingLong(call -> call.begin));
      int newest = 0;
      int next = 0;
      for (Made call : calls) {
        for (; ended.get(next).end < call.begin; next++) {
          newest = Math.max(newest, ended.get(next).policy().orElse(0));
        }
        oldest.put(call.id, newest);
      }
    }
  }

  private Stream<Terms> possible(Made call) {
    int version = call.policy().orElse(0);
    return version > 0
        ? policies.terms(call.service, version).stream()
        : policies.between(call.service, oldest.get(call.id), call.end);
  }

  private void executions(Made call) {
    List<Execution> executions = call.executions;
    executions.sort(Comparator.comparingLong(Execution::at));
    if (executions.isEmpty()) {
      return;
    }
    int version = executions.get(0).policy();
    Optional<Terms> terms = policies.terms(call.service, version);
    if (terms.isEmpty()) {
      violations.add("sent by version " + version + ", which never was in force: " + call);
      return;
    }
    if (version < oldest.get(call.id)) {
      violations.add("sent by an older version than " + oldest.get(call.id) + ": " + call);
    }
    for (Execution execution : executions) {
      Member member = Member.of(execution.member());
      if (!member.service().equals(call.service) || !execution.method().equals(call.method)) {
        violations.add("executed by somebody else: " + call);
      }
      if (execution.policy() != version) {
        violations.add("saw two versions of the policy: " + call);
      }
      if (call.tester && terms.get().twins() && !member.version().equals("v2")) {
        violations.add("a tester not served by v2: " + call);
      }
    }
    repetitions(call, terms.get());
  }

  private void repetitions(Made call, Terms terms) {
    int times = call.executions.size();
    if (times == 1) {
      return;
    }
    boolean byLibrary = call.madeBy().repeats() && !call.method.equals("POST") && !call.streamed();
    if (times > terms.mostExecutions() * (byLibrary ? 2 : 1)) {
      violations.add("executed " + times + " times by " + terms + ": " + call);
    }
    for (Execution execution : call.executions.subList(0, times - 1)) {
      boolean unanswered = byLibrary && execution.status() == 0;
      if (!unanswered && !terms.maySendAgain(call.method, call.streamed(), execution.status())) {
        violations.add("executed again by " + terms + ": " + call);
      }
    }
    count("executed again: " + call.method);
  }

  private void ending(Made call) {
    if (call.ending != Ending.NONE && call.end - call.begin > LONGEST) {
      violations.add(
          "took " + TimeUnit.NANOSECONDS.toMillis(call.end - call.begin) + " ms: " + call);
    }
    switch (call.ending) {
      case RIGHT -> {
        if (call.executions.stream().noneMatch(each -> each.instance().equals(call.said))) {
          violations.add("answered by one who was not asked: " + call);
        }
      }
      case REFUSED -> refused(call);
      case THREW -> threw(call);
      case WRONG -> violations.add("a wrong answer: " + call);
      case NONE -> lost(call);
    }
  }

  /** The caller never told. */
  private void lost(Made call) {
    boolean killed =
        hurts.stream()
            .anyMatch(
                hurt ->
                    hurt.kind() == Hurt.Kind.KILL
                        && call.caller.startsWith(hurt.member() + ".")
                        && hurt.to() > call.begin);
    if (!killed) {
      violations.add("never ended: " + call);
    }
    count("its caller was killed");
  }

  /** Whether there is a limit for it, or for a call that it is part of. */
  private boolean limitsTime(Made call) {
    return possible(call).anyMatch(Terms::limitsTime)
        || history.causes(call).stream().anyMatch(this::limitsTime);
  }

  private void refused(Made call) {
    Optional<String> flag = call.flag();
    if (flag.isEmpty()) {
      if (call.executions.stream().noneMatch(each -> each.status() == call.status)) {
        violations.add("a status that no server gave: " + call);
      }
      count("answered " + call.status + " by a server");
      return;
    }
    boolean byPolicy = possible(call).anyMatch(terms -> terms.mayAnswer(flag.get()));
    boolean nobody =
        flag.get().equals("UH") && restricted(call) && (harmed(call, 0) || unknown(call));
    if (!byPolicy && !nobody) {
      violations.add("refused, and no policy says so: " + call);
    }
    count("answered " + call.status + " " + flag.get() + " by the mesh");
  }

  private void threw(Made call) {
    if (call.said.contains("UT;")) {
      if (!limitsTime(call)) {
        violations.add("timed out, and no policy says so: " + call);
      }
      count("timed out by policy");
      return;
    }
    boolean answered = call.executions.stream().anyMatch(each -> each.status() == SUCCESS);
    // What failed at last may not have been executed.
    boolean exhausted =
        !call.executions.isEmpty()
            && possible(call)
                .anyMatch(terms -> terms.mostExecutions() <= call.executions.size() + 1);
    if (answered) {
      count("cut: " + call.method);
    } else if (call.said.contains("ConnectException")) {
      if (untried(call) && !exhausted) {
        violations.add("not sent, though somebody else was well: " + call);
      }
      count("not connected: " + call.method);
    } else if (call.method.equals("GET")) {
      if (untried(call) && !exhausted) {
        violations.add("not sent again, though somebody else was well: " + call);
      }
      count("broken more often than it may be sent again: GET");
    } else {
      count("broken, and nobody may send it again: " + call.method);
    }
    if (!call.lostToIdleness() && !harmed(call)) {
      violations.add("failed while everybody was well: " + call);
    }
  }

  /** Whether policy may have left one instance only, well or not. */
  private boolean restricted(Made call) {
    return call.tester || possible(call).anyMatch(terms -> terms.splits() || terms.outliers());
  }

  /** Whether somebody was well, and might have been called, and was not. */
  private boolean untried(Made call) {
    return !restricted(call)
        && Member.ALL.stream()
            .filter(member -> member.service().equals(call.service) && !member.closesIdle())
            .filter(
                member ->
                    call.executions.stream().noneMatch(each -> each.member().equals(member.name())))
            .anyMatch(
                member ->
                    hurts.stream()
                        .noneMatch(
                            hurt ->
                                hurt.member().equals(member.name())
                                    && overlap(hurt, call, AFTERWARDS)));
  }

  /** Whether something was done to the service it went to, or was done so shortly before. */
  private boolean harmed(Made call, long afterwards) {
    return hurts.stream()
        .anyMatch(hurt -> hurt.service().equals(call.service) && overlap(hurt, call, afterwards));
  }

  /** The same, as long as callers may take the dead for alive. */
  private boolean harmed(Made call) {
    return harmed(call, AFTERWARDS)
        || hurts.stream()
            .filter(hurt -> hurt.service().equals(call.service) && unnoticed(hurt))
            .anyMatch(hurt -> overlap(hurt, call, UNNOTICED));
  }

  private boolean unnoticed(Hurt hurt) {
    return hurt.kind() == Hurt.Kind.KILL
        && servers().anyMatch(server -> unwritten(server, hurt.from(), hurt.from()));
  }

  private Stream<Hurt> servers() {
    return hurts.stream().filter(hurt -> hurt.kind() == Hurt.Kind.SERVER);
  }

  /** Whether what happened in that time may be unknown to who came after a server. */
  private static boolean unwritten(Hurt server, long from, long to) {
    return server.from() - UNWRITTEN <= to && from <= server.to();
  }

  /** Whether one that is back may be missing, because a server was killed that alone knew it. */
  private boolean unknown(Made call) {
    return hurts.stream()
        .filter(hurt -> hurt.service().equals(call.service) && hurt.kind() == Hurt.Kind.KILL)
        .anyMatch(
            hurt ->
                servers()
                    .filter(server -> overlap(server, call, UNKNOWN))
                    .anyMatch(server -> unwritten(server, hurt.from(), hurt.to())));
  }

  private static boolean overlap(Hurt hurt, Made call, long afterwards) {
    return hurt.from() <= call.end && hurt.to() + afterwards >= call.begin;
  }

  private void count(String what) {
    allowed.merge(what, 1, Integer::sum);
  }
}
