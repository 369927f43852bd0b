package dev.weft.it.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A call of one service by another, as both ends have written it down. */
final class Made {
  /** How it ended for the caller. */
  enum Ending {
    RIGHT,
    REFUSED,
    THREW,
    WRONG,
    /** The caller did not live to see it. */
    NONE
  }

  /**
   * One time that the call reached an application.
   *
   * @param number which of the instance's
   * @param policy the version by which it was sent; 0: none
   * @param status with which it was answered; 0: it was not
   */
  record Execution(String instance, long number, String method, int policy, int status, long at) {
    Execution answered(int with) {
      return new Execution(instance, number, method, policy, with, at);
    }

    String member() {
      return instance.substring(0, instance.indexOf('.'));
    }
  }

  final String id;
  final String caller;
  final String service;
  final String request;
  final String method;
  final boolean tester;
  final long begin;
  Ending ending = Ending.NONE;
  int status;

  /** Who answered, the mesh's reason, or what was thrown. */
  String said = "";

  long end = Long.MAX_VALUE;
  final List<Execution> executions = new ArrayList<>();

  Made(
      String id,
      String caller,
      String service,
      String request,
      String method,
      boolean tester,
      long begin) {
    this.id = id;
    this.caller = caller;
    this.service = service;
    this.request = request;
    this.method = method;
    this.tester = tester;
    this.begin = begin;
  }

  /** Who made it. */
  Member madeBy() {
    return Member.of(caller.substring(0, caller.indexOf('.')));
  }

  /** Whether its body could be read once only; see {@code app.chaos.Downstream}. */
  boolean streamed() {
    return !method.equals("GET") && request.hashCode() % 4 == 0;
  }

  /** Whether the server may have closed an idle connection as it was used: nobody executed it. */
  boolean lostToIdleness() {
    return ending == Ending.THREW
        && executions.isEmpty()
        && !method.equals("GET")
        && Member.ALL.stream()
            .anyMatch(each -> each.service().equals(service) && each.closesIdle());
  }

  /** The version by which it was sent; empty: it reached nobody. */
  OptionalInt policy() {
    return executions.stream().mapToInt(Execution::policy).findFirst();
  }

  /** The flag with which the mesh answered in a server's place. */
  Optional<String> flag() {
    int end = said.indexOf(';');
    return ending == Ending.REFUSED && end > 0
        ? Optional.of(said.substring(0, end))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return method
        + (tester ? " of a tester " : " ")
        + id
        + " to "
        + service
        + " ("
        + request
        + "): "
        + ending
        + " "
        + status
        + " "
        + said
        + ", executed "
        + executions;
  }
}
