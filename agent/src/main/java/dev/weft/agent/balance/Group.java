package dev.weft.agent.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Endpoints of a list that are equally near. Thread-safe. */
final class Group {
  private final List<Member> members;
  private final int share;

  /** The next turn of round robin, whoever is out. */
  final AtomicLong turns;

  private @Nullable HashTable table;

  /**
   * Endpoints.
   *
   * @param share of the requests compared with other groups; 0: as many as nearer ones leave
   * @param turn the first turn; by chance, so that not all clients begin with the same endpoint
   */
  Group(List<Member> members, int share, int turn) {
    this.members = List.copyOf(members);
    this.share = share;
    this.turns = new AtomicLong(turn);
  }

  List<Member> members() {
    return members;
  }

  int share() {
    return share;
  }

  /** Built when the first request needs it; the others wait rather than build it, too. */
  synchronized HashTable table(Balancing balancing) {
    if (table == null) {
      table = balancing.table(members);
    }
    return table;
  }
}
