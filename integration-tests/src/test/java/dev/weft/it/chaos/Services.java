package dev.weft.it.chaos;

import dev.weft.it.Jdk;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** The processes of the story. Of two versions of a service the newer one runs on the newer JDK. */
final class Services {
  private static final int PER_SECOND = 15;

  private final Path journals;
  private final List<Instance> all = new ArrayList<>();
  private final Instance customer;

  private Services(LocalMesh mesh, Path journals, long seed) {
    this.journals = journals;
    List<Jdk> jdks = Jdk.all().toList();
    for (Member member : Member.ALL) {
      Jdk jdk = member.version().equals("v2") ? jdks.get(jdks.size() - 1) : jdks.get(0);
      all.add(new Instance(mesh, member, jdk, journals, seed));
    }
    this.customer = new Instance(mesh, Member.CUSTOMER, jdks.get(0), journals, seed);
  }

  /** Starts everybody. */
  static Services start(LocalMesh mesh, Path journals, long seed)
      throws IOException, InterruptedException {
    Services services = new Services(mesh, journals, seed);
    List<Instance> everybody = new ArrayList<>(services.all);
    everybody.add(services.customer);
    for (Instance instance : everybody) {
      instance.start();
    }
    for (Instance instance : everybody) {
      instance.awaitStart();
    }
    return services;
  }

  /** Those that serve. */
  List<Instance> all() {
    return all;
  }

  /** Those that live through all of it. */
  List<Instance> survivors() {
    return List.of(customer, all.get(0));
  }

  /** The customer begins to send. */
  void open() throws IOException, InterruptedException {
    customer.tell("start " + PER_SECOND);
  }

  /** The customer ends, and everything is answered. */
  void close() throws IOException, InterruptedException {
    customer.tell("stop");
  }

  History history() throws IOException {
    return History.read(journals);
  }

  /** Until everybody was called by this version of the policy. */
  void awaitPolicy(Policies.Version version) {
    List<String> names = Member.ALL.stream().map(Member::name).toList();
    Awaitility.await()
        .atMost(Instance.PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () ->
                history().all().stream()
                        .filter(call -> call.ending == Made.Ending.RIGHT)
                        .filter(call -> call.policy().orElse(0) == version.number())
                        .flatMap(call -> call.executions.stream())
                        .map(Made.Execution::member)
                        .distinct()
                        .count()
                    == names.size());
  }

  /** What the survivors hold, in their order. */
  List<Residue> residues() throws IOException, InterruptedException {
    List<Residue> residues = new ArrayList<>();
    for (Instance survivor : survivors()) {
      residues.add(Residue.of(survivor));
    }
    return residues;
  }
}
