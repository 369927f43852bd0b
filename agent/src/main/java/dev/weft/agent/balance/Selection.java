package dev.weft.agent.balance;

import dev.weft.agent.balance.View.Part;
import dev.weft.policy.Endpoint;
import dev.weft.policy.TrafficPolicy.Algorithm;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One choice. Looks at a few endpoints by chance; only where these few will not do, at all of them.
 * Confined to one thread.
 *
 * <p>Endpoints that broke a moment ago, or that asked to be left alone, come after all others;
 * those that this request has failed on come last. Either goes before the nearness of others.
 */
final class Selection {
  private static final int DRAWS = 8;

  private final Balancing balancing;
  private final View view;
  private final long now;
  private final Set<Endpoint> tried;
  private final RandomGenerator dice;
  private boolean probe;

  Selection(Balancing balancing, View view, long now, Set<Endpoint> tried, RandomGenerator dice) {
    this.balancing = balancing;
    this.view = view;
    this.now = now;
    this.tried = tried;
    this.dice = dice;
  }

  /** Which endpoints will do; each includes the ones before. */
  private enum Pass {
    GOOD,
    UNTRIED,
    ANY
  }

  private static final List<Pass> PASSES = List.of(Pass.GOOD, Pass.UNTRIED, Pass.ANY);

  /** Whether the endpoint chosen last is due, and this request is its probe. */
  boolean probe() {
    return probe;
  }

  /** Whether a request that wants this endpoint gets it. */
  boolean takes(Member member) {
    return !tried.contains(member.endpoint()) && in(member);
  }

  /** By the algorithm; null: everybody is out. */
  @Nullable Member spread() {
    if (!view.anybody()) {
      return probe(view.parts().size() - 1, false);
    }
    int chosen = view.part(dice);
    Member due = probe(chosen, view.parts().get(chosen).group().share() > 0);
    return due != null ? due : inOrder(chosen, null);
  }

  /** By a hash; null: everybody is out. */
  @Nullable Member hashed(long hash) {
    return inOrder(view.anybody() ? view.part(hash) : 0, hash);
  }

  /** One that is due, of the parts up to the one that was chosen, or of this one alone. */
  private @Nullable Member probe(int chosen, boolean alone) {
    for (int i = alone ? chosen : 0; i <= chosen; i++) {
      List<Member> due = view.parts().get(i).due();
      for (int j = 0; j < due.size(); j++) { // without an iterator: mostly there is nothing
        Member member = due.get(j);
        if (!tried.contains(member.endpoint()) && claimed(member)) {
          return member;
        }
      }
    }
    return null;
  }

  private @Nullable Member inOrder(int chosen, @Nullable Long hash) {
    for (int p = 0; p < PASSES.size(); p++) { // without an iterator: the first pass mostly does
      Pass pass = PASSES.get(p);
      Member member = from(view.parts().get(chosen), pass, hash);
      for (int i = 0; i < view.parts().size() && member == null; i++) {
        member = i == chosen ? null : from(view.parts().get(i), pass, hash);
      }
      if (member != null) {
        return member;
      }
    }
    return null;
  }

  private @Nullable Member from(Part part, Pass pass, @Nullable Long hash) {
    if (hash != null) {
      return part.in() == null && part.due().isEmpty() ? null : walk(part.group(), pass, hash);
    }
    Draw in = part.in();
    if (in == null) {
      return null;
    }
    return switch (balancing.algorithm()) {
      case RANDOM -> one(in, pass, null);
      case ROUND_ROBIN -> inTurn(part.group(), in, pass);
      default -> best(in, pass);
    };
  }

  private @Nullable Member walk(Group group, Pass pass, long hash) {
    HashTable table = group.table(balancing);
    List<Member> members = group.members();
    int slot = table.slot(hash);
    BitSet seen = null;
    for (int left = members.size(); left > 0; slot = slot + 1 == table.slots() ? 0 : slot + 1) {
      int index = table.member(slot);
      if (seen != null && seen.get(index)) {
        continue;
      }
      Member member = members.get(index);
      if (suits(member, pass) && in(member)) {
        return member;
      }
      seen = seen == null ? new BitSet(members.size()) : seen;
      seen.set(index);
      left--;
    }
    return null;
  }

  private @Nullable Member inTurn(Group group, Draw in, Pass pass) {
    for (int i = 0; i < DRAWS; i++) {
      Member member = in.inTurn(group.turns.getAndIncrement());
      if (suits(member, pass) && warm(member)) {
        return member;
      }
    }
    return scan(in, pass, null);
  }

  /** The cheapest of a few. */
  private @Nullable Member best(Draw in, Pass pass) {
    Member best = one(in, pass, null);
    for (int i = 1; i < balancing.choices() && best != null; i++) {
      Member other = one(in, pass, best);
      // An endpoint that starts slowly is compared as seldom as it is drawn first.
      if (other != null && warm(other) && cost(in, other) < cost(in, best)) {
        best = other;
      }
    }
    return best;
  }

  private double cost(Draw in, Member member) {
    EndpointLoad load = member.state().load();
    return balancing.algorithm() == Algorithm.LEAST_REQUEST
        ? load.inFlight() / in.share(member)
        : load.cost(now, in.share(member));
  }

  /** One by chance, other than {@code not}; a list has a member once. */
  @SuppressWarnings("ReferenceEquality")
  private @Nullable Member one(Draw in, Pass pass, @Nullable Member not) {
    if (in.members().size() > 1) {
      for (int i = 0; i < DRAWS; i++) {
        Member member = in.random(dice);
        if (member != not && suits(member, pass) && (not != null || warm(member))) {
          return member;
        }
      }
    }
    return scan(in, pass, not);
  }

  /** The first after a place chosen by chance. */
  @SuppressWarnings("ReferenceEquality")
  private @Nullable Member scan(Draw in, Pass pass, @Nullable Member not) {
    List<Member> members = in.members();
    int size = members.size();
    int start = size == 1 ? 0 : dice.nextInt(size);
    for (int i = 0; i < size; i++) {
      Member member = members.get((start + i) % size);
      if (member != not && suits(member, pass)) {
        return member;
      }
    }
    return null;
  }

  private boolean suits(Member member, Pass pass) {
    return pass == Pass.ANY
        || (!(pass == Pass.GOOD && member.state().load().avoided(now))
            && (tried.isEmpty() || !tried.contains(member.endpoint())));
  }

  private boolean warm(Member member) {
    if (balancing.slowStart() == null || member.state().grown()) {
      return true;
    }
    double warmth = member.state().warmth(now, balancing.slowStart());
    return warmth >= 1 || dice.nextDouble() < warmth;
  }

  private boolean in(Member member) {
    return balancing.outliers() == null
        || view.panic()
        || !member.standing().out()
        || claimed(member);
  }

  private boolean claimed(Member member) {
    probe = member.standing().claim(now);
    return probe;
  }
}
